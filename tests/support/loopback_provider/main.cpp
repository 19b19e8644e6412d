// A provider on loopback: it speaks OpenAI's, Anthropic's and Google's protocols, well or badly.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "mode.hpp"

namespace loopback {
namespace {

constexpr int connections_max = 2048;

// Thrown for a command line that makes no sense; the program then exits with 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One JSON object per request, written whole before the request is answered, so that a test that
// has its answer finds the line.
class RequestLog {
public:
  void open(const std::string& path) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    // The log holds keys: a file that was there before must not keep a wider mode.
    if (descriptor_ < 0 || ::fchmod(descriptor_, 0600) != 0) {
      throw std::runtime_error("cannot open the log " + path + ": " + std::strerror(errno));
    }
  }

  void write(const Request& request, const Route& route, int connection) {
    if (descriptor_ < 0) return;
    const Json line = {{"connection", connection}, {"method", request.method},
                       {"path", request.target},   {"mode", route.mode},
                       {"headers", request.headers}, {"body", request.body}};
    const std::string text = line.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
    const std::lock_guard lock(mutex_);
    if (::write(descriptor_, text.data(), text.size()) < 0) std::perror("log");
  }

private:
  int descriptor_ = -1;
  std::mutex mutex_;
};

struct Program {
  Options options;
  TlsContext tls;
  RequestLog log;
  std::atomic<int> open_connections{0};
};

void serve(Program& program, int descriptor, int connection) {
  Stream stream(descriptor, program.tls);
  HttpConnection http(stream);
  while (auto request = http.next()) {
    const Route route = route_of(*request);
    program.log.write(*request, route, connection);
    if (!answer(stream, http, *request, route, program.options)) return;
  }
  if (http.refused() != 0) {
    Request unreadable;
    unreadable.keep_alive = false;
    http.send(html(http.refused(), "Bad Request"), unreadable);
  }
}

int listen_on(const sockaddr* address, socklen_t size) {
  const int listener = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) {
    ::setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (::bind(listener, address, size) != 0 || ::listen(listener, 512) != 0) {
    throw std::runtime_error(std::string("cannot listen: ") + std::strerror(errno));
  }
  return listener;
}

struct Listeners {
  int ipv4 = -1;
  int ipv6 = -1;
  std::uint16_t port = 0;
};

// Loopback addresses only, whatever the command line says.
Listeners listen_on_loopback(std::uint16_t port, bool with_ipv6) {
  Listeners result;
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  result.ipv4 = listen_on(reinterpret_cast<const sockaddr*>(&ipv4), sizeof ipv4);
  socklen_t size = sizeof ipv4;
  ::getsockname(result.ipv4, reinterpret_cast<sockaddr*>(&ipv4), &size);
  result.port = ntohs(ipv4.sin_port);
  if (with_ipv6) {
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = ipv4.sin_port;
    ipv6.sin6_addr = in6addr_loopback;
    result.ipv6 = listen_on(reinterpret_cast<const sockaddr*>(&ipv6), sizeof ipv6);
  }
  return result;
}

void accept_one(Program& program, int listener, int connection) {
  const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor < 0) return;
  if (program.open_connections.fetch_add(1) >= connections_max) {
    program.open_connections.fetch_sub(1);
    ::close(descriptor);
    return;
  }
  std::thread([&program, descriptor, connection] {
    try {
      serve(program, descriptor, connection);
    } catch (const std::exception& error) {
      std::cerr << "connection " << connection << ": " << error.what() << '\n';
    }
    program.open_connections.fetch_sub(1);
  }).detach();
}

struct CommandLine {
  std::uint16_t port = 0;
  bool ipv6 = false;
  int lifetime_s = 3600;
  std::string log_file, tls_certificate, tls_key;
};

const char* const usage =
    "usage: loopback-provider [options]\n"
    "  --port N           default: any free port\n"
    "  --ipv6             also listen on [::1]\n"
    "  --mode M           how requests are answered (default ok); a first path segment\n"
    "                     mode-M decides for one request\n"
    "  --key K            refuse every other key\n"
    "  --host-key HOST=K  take this key (*: any) where the request names this host; may be given several\n"
    "                     times, and every other host refuses every key\n"
    "  --answer TEXT      what the model says (default pong)\n"
    "  --model ID         know this model only; may be given several times\n"
    "  --log FILE         one JSON object per request\n"
    "  --redirect-to URL  where mode redirect leads\n"
    "  --tls-cert FILE --tls-key FILE\n"
    "  --lifetime SECONDS end by itself (default 3600)\n"
    "modes:\n";

int number(const std::string& name, const std::string& text, int max) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > max) {
    throw UsageError(name + ": not a number from 0 to " + std::to_string(max));
  }
  return value;
}

CommandLine parse(int argc, char** argv, Options& options) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help") {
      std::cout << usage << mode_list();
      std::exit(0);
    }
    if (name == "--ipv6") {
      line.ipv6 = true;
      continue;
    }
    if (i + 1 == argc) throw UsageError(name + ": unknown, or its value is missing");
    const std::string value = argv[++i];
    if (name == "--port") {
      line.port = static_cast<std::uint16_t>(number(name, value, 65535));
    } else if (name == "--mode") {
      if (!is_mode(value)) throw UsageError("no such mode: " + value);
      options.mode = value;
    } else if (name == "--key") {
      options.key = value;
    } else if (name == "--host-key") {
      const auto at = value.find('=');
      if (at == std::string::npos) throw UsageError("--host-key: HOST=KEY");
      options.host_keys[value.substr(0, at)] = value.substr(at + 1);
    } else if (name == "--answer") {
      options.answer = value;
    } else if (name == "--model") {
      if (!options.only_listed_models) options.models.clear();
      options.only_listed_models = true;
      options.models.push_back(value);
    } else if (name == "--log") {
      line.log_file = value;
    } else if (name == "--redirect-to") {
      options.redirect_to = value;
    } else if (name == "--tls-cert") {
      line.tls_certificate = value;
    } else if (name == "--tls-key") {
      line.tls_key = value;
    } else if (name == "--lifetime") {
      line.lifetime_s = number(name, value, 86400);
    } else {
      throw UsageError("unknown option: " + name);
    }
  }
  if (line.tls_certificate.empty() != line.tls_key.empty()) {
    throw UsageError("--tls-cert and --tls-key go together");
  }
  return line;
}

int run(int argc, char** argv) {
  // Never destroyed: connection threads still use it while the process ends.
  auto& program = *new Program;
  const CommandLine line = parse(argc, argv, program.options);
  if (!line.tls_certificate.empty()) {
    program.tls = TlsContext(line.tls_certificate, line.tls_key);
  }
  if (!line.log_file.empty()) program.log.open(line.log_file);

  // Blocked before the first thread starts, so that only the descriptor below sees them.
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const int signals = ::signalfd(-1, &ending, SFD_CLOEXEC);

  const Listeners listeners = listen_on_loopback(line.port, line.ipv6);
  const char* scheme = line.tls_certificate.empty() ? "http" : "https";
  std::cout << "listening on " << scheme << "://127.0.0.1:" << listeners.port << std::endl;

  // A test that died must not leave a server behind for good.
  ::alarm(static_cast<unsigned>(line.lifetime_s));
  pollfd watched[] = {{signals, POLLIN, 0}, {listeners.ipv4, POLLIN, 0},
                      {listeners.ipv6, POLLIN, 0}};
  for (int connection = 1;;) {
    if (::poll(watched, 3, -1) < 0) continue;
    if (watched[0].revents != 0) break;
    for (const auto& listener : {watched[1], watched[2]}) {
      if (listener.revents != 0) accept_one(program, listener.fd, connection++);
    }
  }
  return 0;
}

}  // namespace
}  // namespace loopback

int main(int argc, char** argv) {
  int status = 1;
  try {
    status = loopback::run(argc, argv);
  } catch (const loopback::UsageError& error) {
    std::cerr << "loopback-provider: " << error.what() << "\n(--help lists the options)\n";
    status = 2;
  } catch (const std::exception& error) {
    std::cerr << "loopback-provider: " << error.what() << '\n';
  }
  std::cout.flush();
  // Connection threads may still be sending: they end with the process, not before it.
  ::_exit(status);
}
