import { byRoom, shellWords } from './rooms.ts';

export default shellWords(
  byRoom(
    import.meta.glob(['../../ui/words.ja.json', '../words.ja.json'], {
      eager: true,
      import: 'default',
    }),
  ),
  byRoom(
    import.meta.glob(['../../clauses/*/words.ja.json', '../../registers/*/words.ja.json'], {
      eager: true,
      import: 'default',
      query: '?everywhere',
    }),
  ),
);
