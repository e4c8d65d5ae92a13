# rails.rb read|update SOCKET DATABASE TABLE PROCESSES
#
# What a Rails developer would write: the ids cut into equal widths, a process for each, find_each inside. Prints the
# number of rows. `read` does nothing with a row, `update` counts its column n up.

require "active_record"
require "parallel"

mode, socket, database, table, processes = ARGV
processes = Integer(processes)
settings = {adapter: "mysql2", socket: socket, username: "root", database: database, encoding: "utf8mb4"}
ActiveRecord::Base.establish_connection(settings)
row_class = Class.new(ActiveRecord::Base) { self.table_name = table }

first, last = row_class.minimum(:id), row_class.maximum(:id)
width = (last - first) / processes + 1
ranges = processes.times.map { |i| (first + i * width)..(first + (i + 1) * width - 1) }
ActiveRecord::Base.connection_pool.disconnect!

counts = Parallel.map(ranges, in_processes: processes) do |range|
  ActiveRecord::Base.establish_connection(settings)
  rows = 0
  row_class.where(id: range).find_each(batch_size: 1000) do |row|
    row.update_columns(n: row.n + 1) if mode == "update"
    rows += 1
  end
  rows
end
puts counts.sum
