/** Texts of Minesweeper, in English. */
export default {
  'minesweeper.keys': 'Click or Enter opens a square. Right click, long press or F sets a flag. Click a number to open its unflagged neighbours.',
  mines: 'Mines',
  fresh: 'New field',
  won: 'Field cleared',
  lost: 'Boom',
  flagging: 'Taps set flags',
  field: 'Minefield, {columns} by {rows}',
  square: 'Row {row}, column {column}',
  'square.closed': 'closed',
  'square.flag': 'flagged',
  'square.clear': 'clear',
  'square.mine': 'mine',
  'square.wrong': 'wrong flag',
  first: 'The clock starts when you open a square.',
  'ticket.lost': 'No score: only cleared fields count.',
};
