#include "client/stdio_command.hpp"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "client/daemon_process.hpp"
#include "client/output.hpp"

namespace authd::client {
namespace {

// A pipe that is ready takes this much without blocking, whatever else is in it.
constexpr std::size_t pipe_bytes = 4096;

// Bytes on their way in one direction. At most one piece at a time.
class Stream {
 public:
  Stream(int from, int to) : from_(from), to_(to) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { explicit_bzero(bytes_.data(), bytes_.size()); }

  bool wants_to_read() const { return !ended_ && begin_ == end_; }
  bool wants_to_write() const { return begin_ < end_; }
  bool is_done() const { return ended_ && begin_ == end_; }

  void read_some() {
    const ssize_t count = read(from_, bytes_.data(), bytes_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    begin_ = 0;
    end_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    ended_ = count <= 0;
  }

  void write_some() {
    const std::size_t left = end_ - begin_;
    ssize_t count = send(to_, bytes_.data() + begin_, left, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == ENOTSOCK)
      count = write(to_, bytes_.data() + begin_, std::min(left, pipe_bytes));
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (count < 0) {  // nobody reads any more
      abandon();
      return;
    }
    begin_ += static_cast<std::size_t>(count);
  }

  void abandon() {
    ended_ = true;
    begin_ = end_ = 0;
  }

 private:
  const int from_;
  const int to_;
  std::array<char, 64 * 1024> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool ended_ = false;
};

}  // namespace

void pump(int input, int output, int socket) {
  Stream up(input, socket), down(socket, output);
  bool half_closed = false;
  while (!down.is_done()) {
    if (up.is_done() && !half_closed) {
      shutdown(socket, SHUT_WR);
      half_closed = true;
    }
    // A descriptor of -1 is left out. While nothing waits to be written to `output`, it is watched
    // for its reader going away, which poll reports unasked.
    const short socket_events = static_cast<short>((down.wants_to_read() ? POLLIN : 0) |
                                                   (up.wants_to_write() ? POLLOUT : 0));
    std::array<pollfd, 3> ready{
        {{up.wants_to_read() ? input : -1, POLLIN, 0},
         {socket_events != 0 ? socket : -1, socket_events, 0},
         {output, static_cast<short>(down.wants_to_write() ? POLLOUT : 0), 0}}};
    if (poll(ready.data(), ready.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if ((ready[2].revents & (POLLERR | POLLNVAL)) != 0) return;
    if (ready[0].revents != 0) up.read_some();
    if ((ready[1].revents & (POLLOUT | POLLERR)) != 0 && up.wants_to_write()) up.write_some();
    if ((ready[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && down.wants_to_read())
      down.read_some();
    if ((ready[2].revents & (POLLOUT | POLLHUP)) != 0 && down.wants_to_write()) down.write_some();
    // A hang-up with nothing to hand on would wake the loop for ever.
    if ((ready[2].revents & POLLHUP) != 0 && !down.wants_to_write()) return;
  }
}

ExitCode run_stdio(const Arguments& arguments) {
  const auto path = chosen_socket_path(arguments.socket);
  if (!path) return report(path.error(), false);
  const auto connection = connect_or_start(*path, arguments.autostart);
  if (!connection) return report(connection.error(), false);
  pump(STDIN_FILENO, STDOUT_FILENO, connection->descriptor());
  return ExitCode::done;
}

}  // namespace authd::client
