/** What English says otherwise of a single one: under a key with `_one`, beside the key that counts. */
export const one = {
  case: { workingDays_one: '{{count}} working day' },
  versions: {
    check_one: 'Check it',
    move_one: 'Move the one that is safe',
    moveAsk_one: 'Move a case to another version',
  },
}
