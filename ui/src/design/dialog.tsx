// A dialog: for a reason that is owed, a choice to narrow, or something that cannot be undone.

import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import "./dialog.css";

type DialogProps = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly wide?: boolean;
};

export function Dialog({ title, onClose, children, wide = false }: DialogProps): ReactNode {
  return (
    <ModalOverlay className="dialog-shade" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
      <Modal className={wide ? "dialog-sheet dialog-wide" : "dialog-sheet"}>
        <AriaDialog className="dialog">
          <Heading slot="title" level={2} className="dialog-title">
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
