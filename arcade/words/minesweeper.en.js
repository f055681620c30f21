/** Minesweeper, in English. */
export default {
  'minesweeper.keys': 'Click or Enter opens, right click, long press or F flags. On a number: opens what its flags leave.',
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
  first: 'Open a square: the clock starts.',
  'ticket.lost': 'No score this time: only cleared fields count.',
};
