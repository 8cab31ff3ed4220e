import { byRoom } from './rooms.ts';

export default byRoom(
  import.meta.glob(
    [
      '../../ui/words.en.json',
      '../words.en.json',
      '../../clauses/*/words.en.json',
      '../../registers/*/words.en.json',
    ],
    { eager: true, import: 'default' },
  ),
);
