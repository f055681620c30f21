/** Whether a key press anywhere on the page is for the running game. */
export function meantForTheGame({ target, code, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || target.closest('input, dialog, [role=tab]')) return false;
  return code !== 'Space' || !target.closest('button');
}
