/** Whether a key, pressed anywhere on the page, is meant for the game that is on. */
export function meantForTheGame({ target, code, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || target.closest('input, dialog, [role=tab]')) return false;
  return code !== 'Space' || !target.closest('button');
}
