/** A library that a page loads. */
export interface Library {
  /** Name of its package at npm. */
  readonly name: string;
  readonly version: string;
  /** Address of the script, or of the page that holds it. */
  readonly place: string;
}

/** Packages by the names that their files have, and by what their banners begin with. */
const libraries: readonly {
  readonly name: string;
  readonly files: RegExp;
  readonly banner: RegExp;
}[] = [
  { name: 'jquery', files: /^jquery(?:\.slim)?$/, banner: /jQuery (?:JavaScript Library )?v(V)/ },
  { name: 'jquery-ui', files: /^jquery-ui(?:\.custom)?$/, banner: /jQuery UI -? ?v(V)/ },
  { name: 'jquery-migrate', files: /^jquery-migrate$/, banner: /jQuery Migrate -? ?v(V)/ },
  {
    name: 'jquery-validation',
    files: /^jquery\.validate$/,
    banner: /jQuery Validation Plugin v(V)/,
  },
  { name: 'bootstrap', files: /^bootstrap(?:\.bundle)?$/, banner: /Bootstrap v(V)/ },
  { name: 'angular', files: /^angular$/, banner: /AngularJS v(V)/ },
  {
    name: 'vue',
    files: /^vue(?:\.global|\.runtime|\.esm-browser)*(?:\.prod)?$/,
    banner: /(?:Vue\.js|vue) v(V)/,
  },
  { name: 'react', files: /^react(?:\.production|\.development)?$/, banner: /React v(V)/ },
  {
    name: 'react-dom',
    files: /^react-dom(?:\.production|\.development)?$/,
    banner: /ReactDOM v(V)/,
  },
  { name: 'lodash', files: /^lodash(?:\.core)?$/, banner: /[Ll]odash (V)/ },
  { name: 'underscore', files: /^underscore(?:-umd)?$/, banner: /Underscore\.js (V)/ },
  {
    name: 'moment',
    files: /^moment(?:-with-locales)?$/,
    banner: /moment\.js\s+(?:\/\/! )?version : (V)/,
  },
  { name: 'handlebars', files: /^handlebars(?:\.runtime)?$/, banner: /[Hh]andlebars v(V)/ },
  { name: 'dompurify', files: /^purify$/, banner: /DOMPurify (V)/ },
  { name: 'axios', files: /^axios$/, banner: /[Aa]xios v(V)/ },
  {
    name: 'ember-source',
    files: /^ember(?:\.prod|\.debug)?$/,
    banner: /Ember[\s\S]{0,400}@version\s+(V)/,
  },
  { name: 'backbone', files: /^backbone$/, banner: /Backbone\.js (V)/ },
  { name: 'knockout', files: /^knockout$/, banner: /Knockout JavaScript library v(V)/ },
  { name: 'mustache', files: /^mustache$/, banner: /mustache\.js[\s\S]{0,200}version ?= ?["'](V)/ },
  { name: 'select2', files: /^select2(?:\.full)?$/, banner: /Select2 (V)/ },
  { name: 'dayjs', files: /^dayjs$/, banner: /dayjs (V)/ },
  { name: 'd3', files: /^d3$/, banner: /https:\/\/d3js\.org v(V)/ },
  { name: 'chart.js', files: /^chart(?:\.umd)?$/i, banner: /Chart\.js v(V)/ },
  { name: 'swiper', files: /^swiper(?:-bundle)?$/, banner: /Swiper (V)/ },
  { name: 'marked', files: /^marked$/, banner: /marked v(V)/ },
];

const version = '\\d{1,4}(?:\\.\\d{1,5}){1,3}(?:-[0-9A-Za-z]+(?:\\.[0-9A-Za-z]+)*)?';
const banners = libraries.map(({ name, banner }) => ({
  name,
  banner: new RegExp(banner.source.replace('(V)', `(${version})`)),
}));
const onlyVersion = new RegExp(`^v?(${version})$`);

/** How far into a script its banner may stand. */
export const bannerChars = 4000;

/**
 * The library that an address names with its version: `jquery-3.3.1.min.js`, `/npm/vue@2.6.0/…`,
 * `/libs/jquery/3.3.1/jquery.min.js`, `jquery.min.js?ver=3.3.1`. Null where it names none.
 */
export function libraryOfAddress(address: string): Library | null {
  const url = URL.parse(address, 'https://site.invalid');
  if (!url || url.pathname.length > 2000) return null;
  const parts = url.pathname.split('/').filter(Boolean);
  const at = parts.map((part) => /^([a-z][\w.-]*)@(.+)$/i.exec(part)).find((part) => part !== null);
  const named = at?.[1] && versionOf(at[2] ?? '');
  if (at?.[1] && named && libraries.some(({ name }) => name === at[1]))
    return { name: at[1], version: named, place: address };
  const last = (parts.at(-1) ?? '').slice(0, 300);
  const file = last.replace(/(?:[.-](?:min|slim|prod))*\.m?js$/i, '');
  const inFile = new RegExp(`^(.+?)[-.@]v?(${version})$`).exec(file);
  const name = packageOfFile((inFile?.[1] ?? file).replace(/[.-]min$/i, ''));
  if (name === null) return null;
  const inFolder = parts
    .slice(0, -1)
    .reverse()
    .map(versionOf)
    .find((found) => found !== null);
  const asked = versionOf(url.searchParams.get('ver') ?? url.searchParams.get('v') ?? '');
  const found = inFile?.[2] ?? inFolder ?? asked;
  return found ? { name, version: found, place: address } : null;
}

/** Libraries that a script says it holds; bundles may hold several. */
export function librariesIn(script: string, place: string): readonly Library[] {
  const beginning = script.slice(0, bannerChars);
  return banners.flatMap(({ name, banner }) => {
    const found = banner.exec(beginning)?.[1];
    return found ? [{ name, version: found, place }] : [];
  });
}

function packageOfFile(file: string): string | null {
  return libraries.find(({ files }) => files.test(file))?.name ?? null;
}

function versionOf(text: string): string | null {
  return onlyVersion.exec(text)?.[1] ?? null;
}
