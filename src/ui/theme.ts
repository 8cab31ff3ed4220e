/**
 * Mantine, quiet: one accent, hairlines, 4 px corners, no shadows, motion under 150 ms.
 * The CSS variables are not written by Mantine at run time but stand in `theme.css`,
 * because the content security policy allows no `<style>` elements.
 */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** Ink blue, the one accent. The same values stand in `theme.css` as `--mantine-color-blue-*`. */
const accent: MantineColorsTuple = [
  '#eef1fd',
  '#dde4fb',
  '#bccaf6',
  '#9db2ff',
  '#7f97f2',
  '#5c78e6',
  '#3f5cd0',
  '#2e4bb8',
  '#263f9c',
  '#1f3480',
];

const motion = { duration: 120, timingFunction: 'ease-out' };
const floating = { shadow: 'none', radius: 'sm', withinPortal: true, transitionProps: motion };

export const theme = createTheme({
  colors: { blue: accent },
  primaryColor: 'blue',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', comboboxProps: floating, checkIconPosition: 'right' } },
    MultiSelect: { defaultProps: { size: 'sm', comboboxProps: floating } },
    Checkbox: { defaultProps: { size: 'xs' } },
    Menu: { defaultProps: { ...floating, position: 'bottom-end' } },
    Popover: { defaultProps: { ...floating, trapFocus: true } },
    Tooltip: {
      defaultProps: {
        openDelay: 400,
        transitionProps: motion,
        events: { hover: true, focus: true, touch: false },
      },
    },
    // The page behind scrolls in its own box, which a dialog covers; locking the body would need a <style>.
    Modal: {
      defaultProps: {
        lockScroll: false,
        shadow: 'none',
        radius: 'sm',
        transitionProps: { ...motion, transition: 'fade' },
      },
    },
    Drawer: {
      defaultProps: { lockScroll: false, shadow: 'none', radius: 0, transitionProps: motion },
    },
    // Inside of a dialog a <header> would pass for a second banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    // Its ground tells the colour; a title in that colour would be too pale on it.
    Alert: { styles: { title: { color: 'var(--mantine-color-text)' } } },
    Notification: { defaultProps: { radius: 'sm' } },
  },
});
