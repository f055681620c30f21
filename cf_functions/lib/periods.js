const KINDS = [
  ['all', /^all$/],
  ['monthly', /^(monthly|\d{4}-(0[1-9]|1[0-2]))$/],
  ['weekly', /^(weekly|\d{4}-W(0[1-9]|[1-4]\d|5[0-3]))$/],
  ['daily', /^(daily|\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))$/]
];

// The kind of a period that a path names; '' where it names none.
export function kindOf(period) {
  const kind = KINDS.find(each => each[1].test(period));
  return kind ? kind[0] : '';
}
