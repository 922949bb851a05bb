import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface PanelDialogProps {
  id: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The panel on narrow screens: a dialog over the messages. */
export function PanelDialog({ id, isOpen, onClose, children }: PanelDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  // The padding belongs to the content, so a click on the dialog itself is outside the content.
  const onClick = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };

  return (
    // The browser closes it with Escape.
    <dialog
      ref={dialog}
      id={id}
      className="panel-dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={onClick}
    >
      {isOpen && (
        <div className="side-panel">
          <div className="dialog-bar">
            <h2 id={titleId}>People and rooms</h2>
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
          </div>
          {children}
        </div>
      )}
    </dialog>
  );
}
