"""threads.py SOCKET DATABASE TABLE THREADS MILLISECONDS

Work that waits, in threads of concurrent.futures: the ids are read (by the mariadb program, as Python has no client of its
own), then each row waits. Prints the number of rows."""

import concurrent.futures
import subprocess
import sys
import time


def main():
    socket, database, table, threads, milliseconds = sys.argv[1:]
    query = f"SELECT id FROM {table} ORDER BY id"
    command = ["mariadb", "--no-defaults", "-u", "root", "-S", socket, "-N", "-B", "--quick", "-e", query, database]
    ids = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    seconds = float(milliseconds) / 1000

    def work_on(_id):
        time.sleep(seconds)
        return 1

    with concurrent.futures.ThreadPoolExecutor(max_workers=int(threads)) as pool:
        print(sum(pool.map(work_on, ids)))


if __name__ == "__main__":
    main()
