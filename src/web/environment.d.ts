/// <reference types="vite/client" />

/** Japanese type is loaded as a side effect, once a Japanese page is shown. */
declare module '@fontsource-variable/noto-sans-jp';
