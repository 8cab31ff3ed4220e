import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

/** Mantine's place for notifications; only `notify` loads this. */
export default function NoticeArea() {
  return <Notifications position="bottom-right" autoClose={5000} limit={4} />;
}
