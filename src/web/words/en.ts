import { byRoom, shellWords } from './rooms.ts';

export default shellWords(
  byRoom(
    import.meta.glob(['../../ui/words.en.json', '../words.en.json'], {
      eager: true,
      import: 'default',
    }),
  ),
  byRoom(
    import.meta.glob(['../../clauses/*/words.en.json', '../../registers/*/words.en.json'], {
      eager: true,
      import: 'default',
      query: '?everywhere',
    }),
  ),
);
