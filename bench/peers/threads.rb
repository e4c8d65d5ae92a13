# threads.rb SOCKET DATABASE TABLE THREADS MILLISECONDS
#
# Work that waits, in threads of the parallel gem: the ids are read, then each row waits. Prints the number of rows.

require "mysql2"
require "parallel"

socket, database, table, threads, milliseconds = ARGV
client = Mysql2::Client.new(socket: socket, username: "root", database: database)
ids = client.query("SELECT id FROM #{table} ORDER BY id").map { |row| row["id"] }
seconds = Float(milliseconds) / 1000
puts Parallel.map(ids, in_threads: Integer(threads)) { |_id| sleep(seconds); 1 }.sum
