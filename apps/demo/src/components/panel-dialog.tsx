import { type MouseEvent, type ReactNode, useEffect, useId, useRef } from "react";

interface PanelDialogProps {
  id: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The panel where there is no room beside the messages: over them, until it is closed. */
export function PanelDialog({ id, isOpen, onClose, children }: PanelDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);

  // The padding lies on the content, so whatever hits the dialog itself is outside of it.
  const onClick = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };

  return (
    // The keyboard closes it with Escape, which the browser sees to.
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
