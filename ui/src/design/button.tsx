// Buttons, and links that look like them. A shortcut key is shown on the button it belongs to.

import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import "./button.css";

export type ButtonLook = "primary" | "plain" | "danger" | "quiet";

type Common = {
  readonly look?: ButtonLook;
  readonly icon?: LucideIcon;
  readonly shortcut?: string;
  readonly children?: ReactNode;
};
type ButtonProps = Common & {
  /**
   * What it does is under way. It keeps the focus and its word; React Aria's own pending state would leave an announcement
   * behind that names a button which may be gone.
   */
  readonly busy?: boolean;
} & Omit<AriaButtonProps, "className" | "children" | "style" | "isPending">;

export function Button({ look = "plain", icon, shortcut, busy = false, children, ...rest }: ButtonProps): ReactNode {
  return (
    <AriaButton
      {...rest}
      className="button"
      data-look={look}
      data-busy={busy || undefined}
      {...(shortcut === undefined ? {} : { "aria-keyshortcuts": shortcut })}
    >
      <Inside icon={icon} shortcut={shortcut}>
        {children}
      </Inside>
    </AriaButton>
  );
}

type ButtonLinkProps = Common & { readonly href: string; readonly download?: boolean };

export function ButtonLink({ look = "plain", icon, href, download = false, children }: ButtonLinkProps): ReactNode {
  return (
    <a className="button" data-look={look} href={href} download={download ? "" : undefined}>
      <Inside icon={icon} shortcut={undefined}>
        {children}
      </Inside>
    </a>
  );
}

type InsideProps = {
  readonly icon: LucideIcon | undefined;
  readonly shortcut: string | undefined;
  readonly children: ReactNode;
};

function Inside({ icon: Icon, shortcut, children }: InsideProps): ReactNode {
  return (
    <>
      {Icon !== undefined && <Icon aria-hidden="true" />}
      {children !== undefined && <span>{children}</span>}
      {shortcut !== undefined && <kbd aria-hidden="true">{shortcut}</kbd>}
    </>
  );
}
