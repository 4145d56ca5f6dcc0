// Asks for the reason that a person is owed.

import { type FormEvent, type ReactNode, useState } from "react";
import { Button, type ButtonLook } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { TextField } from "../../design/field.tsx";

type ReasonDialogProps = {
  readonly title: string;
  readonly says: string;
  readonly label: string;
  readonly word: string;
  readonly look: ButtonLook;
  readonly onReason: (reason: string) => void;
  readonly onClose: () => void;
};

export function ReasonDialog({ title, says, label, word, look, onReason, onClose }: ReasonDialogProps): ReactNode {
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== "") onReason(reason.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>{says}</p>
        <TextField label={label} value={reason} onChange={setReason} rows={3} required autoFocus />
        <div className="bar">
          <Button look={look} type="submit" isDisabled={reason.trim() === ""}>
            {word}
          </Button>
          <Button look="quiet" onPress={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
