/**
 * Parameters of the embedded PostgreSQL, for one small machine that also runs everything else.
 * Nothing here trades durability: what was acknowledged is on disk.
 */
const tuned = {
  shared_buffers: '128MB',
  effective_cache_size: '1GB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  random_page_cost: '1.1',
  max_connections: '60',
  // Our queries are many and short, or long and bound by reading; compiling them costs more than it gives.
  jit: 'off',
  synchronous_commit: 'on',
  fsync: 'on',
  full_page_writes: 'on',
  // One node without replicas: nobody reads the log but crash recovery.
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_compression: 'on',
  min_wal_size: '80MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
  log_checkpoints: 'off',
  // A Kept that was killed must not leave its statements running, nor its locks held.
  ...(process.platform === 'win32' ? {} : { client_connection_check_interval: '2s' }),
} as const;

export type Parameters = Readonly<Record<string, string>>;

/** The arguments `-c name=value …`, in a fixed order so that two starts can be compared. */
export function parameterArguments(
  listen: Listen,
  cluster: string,
  more: Parameters = {},
): string[] {
  const all: Record<string, string> = { ...tuned, ...more };
  if (listen.by === 'socket') {
    all['listen_addresses'] = '';
    all['unix_socket_directories'] = cluster;
    all['unix_socket_permissions'] = '0700';
  } else {
    all['listen_addresses'] = '127.0.0.1';
    all['unix_socket_directories'] = '';
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A Unix socket in the folder of the cluster where its path fits, else a port of the loopback. */
export type Listen =
  | { readonly by: 'socket'; readonly port: 5432 }
  | { readonly by: 'port'; readonly port: number };

/** Bytes that a socket's path may have: `sun_path` is 108 with its final zero, 104 on macOS. */
const socketPathLimitBytes = process.platform === 'darwin' ? 103 : 107;

export function socketFits(cluster: string): boolean {
  return (
    process.platform !== 'win32' &&
    Buffer.byteLength(`${cluster}/.s.PGSQL.5432`) <= socketPathLimitBytes
  );
}
