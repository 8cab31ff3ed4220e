import '../ui/theme.css';
import '@mantine/core/styles.layer.css';
import operations from './operations.json' with { type: 'json' };
import { pages } from './pages.ts';
import { start } from './start.tsx';

start(operations, pages);
