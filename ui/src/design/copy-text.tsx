// A text to take elsewhere: it can be selected, and copied with a button that says so.

import { Check, Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { announce } from "./announcer.tsx";
import { Button } from "./button.tsx";
import "./copy-text.css";

export function CopyText({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    announce(`${label} copied`);
  };
  return (
    <div className="copy-text">
      <code className="outside">{text}</code>
      {/* Browsers give the clipboard only to secure origins; elsewhere the text is selected by hand. */}
      {isSecureContext && (
        <Button icon={copied ? Check : Copy} onPress={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </Button>
      )}
    </div>
  );
}
