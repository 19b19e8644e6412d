#include "daemon/io/http_transfer.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "daemon/core/address.hpp"
#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

using core::NetworkFault;

constexpr std::size_t header_value_bytes_max = 1024;
constexpr std::size_t presented_certificates_max = 16;

std::string_view unbracketed(std::string_view host) {
  return host.starts_with("[") && host.ends_with("]") ? host.substr(1, host.size() - 2) : host;
}

bool is_numeric(std::string_view host) {
  return host.starts_with("[") || core::parse_address(host).has_value();
}

std::chrono::milliseconds connect_timeout(std::chrono::milliseconds timeout) {
  return std::min(timeout, std::chrono::milliseconds(limits::connect_timeout_ms));
}

}  // namespace

HttpTransfer::HttpTransfer(const CurlLibrary& curl, AnswerBudget& budget, HttpClient::Ticket ticket,
                           Job job)
    : curl_(curl),
      budget_(budget),
      ticket_(ticket),
      job_(std::move(job)),
      begun_(std::chrono::steady_clock::now()) {
  if (const auto* transfer = std::get_if<Transfer>(&job_)) {
    const core::HttpRequest& request = transfer->request;
    timeout_ = request.timeout;
    allows_guarded_address_ = request.allows_guarded_address;
    find_way(request.url, request.proxy, request.no_proxy);
  } else {
    const Look& look = std::get<Looking>(job_).look;
    timeout_ = look.timeout;
    allows_guarded_address_ = look.allows_guarded_address;
    find_way(look.url, look.proxy, "");
  }
}

HttpTransfer::~HttpTransfer() {
  budget_.bytes_left += budgeted_;
  curl_.slist_free_all(headers_);
  curl_.slist_free_all(pinned_);
  if (easy_) curl_.easy_cleanup(easy_);
}

HttpTransfer& HttpTransfer::of(const CurlLibrary& curl, CURL* easy) {
  HttpTransfer* self = nullptr;
  curl.easy_getinfo(easy, CURLINFO_PRIVATE, &self);
  return *self;
}

void HttpTransfer::refuse(Job job, NetworkFault fault, std::string text) {
  if (auto* transfer = std::get_if<Transfer>(&job)) {
    core::HttpResponse response;
    response.fault = fault;
    response.fault_text = std::move(text);
    transfer->done(std::move(response));
  } else {
    std::get<Looking>(job).done({.fault = fault, .fault_text = std::move(text)});
  }
}

// The library's own parser, so that what is looked at here is what it connects to: it also turns
// every spelling of an IPv4 address (decimal, hexadecimal, octal) into the usual one.
std::optional<HttpTransfer::Place> HttpTransfer::take_apart(const std::string& url,
                                                            unsigned flags) const {
  CURLU* const parser = curl_.url();
  Place place;
  const auto part = [&](CURLUPart which, unsigned how, std::string& into) {
    char* text = nullptr;
    if (curl_.url_get(parser, which, &text, how) != CURLUE_OK) return false;
    into = core::lower_ascii(text);
    curl_.free(text);
    return true;
  };
  const bool complete = curl_.url_set(parser, CURLUPART_URL, url.c_str(), flags) == CURLUE_OK &&
                        part(CURLUPART_SCHEME, 0, place.scheme) &&
                        (place.scheme == "http" || place.scheme == "https") &&
                        part(CURLUPART_HOST, CURLU_PUNYCODE, place.host) && !place.host.empty() &&
                        part(CURLUPART_PORT, CURLU_DEFAULT_PORT, place.port);
  curl_.url_cleanup(parser);
  return complete ? std::optional(std::move(place)) : std::nullopt;
}

void HttpTransfer::find_way(const std::string& url, const std::string& proxy,
                            std::string_view no_proxy) {
  const auto cannot = [this](NetworkFault fault, std::string why) {
    impossible_fault_ = fault;
    impossible_ = std::move(why);
  };
  const auto place = take_apart(url, CURLU_PATH_AS_IS);
  if (!place) return cannot(NetworkFault::broken, "The URL cannot be read as http or https");
  place_ = peer_ = *place;
  const std::string_view host = unbracketed(place_.host);
  if (!allows_guarded_address_ && core::names_guarded_address(host))
    return cannot(NetworkFault::refused_address, std::string(host));
  if (!proxy.empty() && !core::is_excepted_from_proxy(no_proxy, host, place_.port)) {
    const auto peer = take_apart(proxy, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
    if (!peer)
      return cannot(NetworkFault::proxy, "The proxy's URL cannot be read as http or https");
    proxy_ = proxy;
    peer_ = *peer;
  }
  const auto* looking = std::get_if<Looking>(&job_);
  const bool is_pinned = looking && !looking->look.address.empty() && proxy_.empty();
  // "localhost", too: libcurl takes it for both loopback addresses, and Node for what it resolves
  // to.
  if (!is_pinned && !is_numeric(peer_.host)) host_to_look_up_ = peer_.host;
}

bool HttpTransfer::is_late() const { return elapsed() >= connect_timeout(timeout_); }

CURL* HttpTransfer::begin(const Resolved& resolved) {
  if (!impossible_.empty()) return end(impossible_fault_, impossible_);
  if (!host_to_look_up_.empty() && resolved.addresses.empty())
    return end(proxy_.empty() ? NetworkFault::dns : NetworkFault::proxy,
               peer_.host + ": " + resolved.fault);
  const auto* looking = std::get_if<Looking>(&job_);
  if (looking && looking->look.at == LookAt::addresses) {
    looked_.addresses = resolved.addresses;
    if (host_to_look_up_.empty()) looked_.addresses = {std::string(unbracketed(peer_.host))};
    return end(NetworkFault::none, {});
  }
  easy_ = curl_.easy_init();
  if (!easy_) return end(NetworkFault::broken, "libcurl cannot begin a transfer");
  if (!host_to_look_up_.empty()) pin(resolved.addresses);
  set_up_connection();
  looking ? set_up_look(looking->look) : set_up_request(std::get<Transfer>(job_).request);
  return easy_;
}

CURL* HttpTransfer::end(NetworkFault fault, std::string text) {
  answer(fault, std::move(text));
  return nullptr;
}

// These are the only addresses of that name, for this transfer at least.
void HttpTransfer::pin(const std::vector<std::string>& addresses) {
  std::string entry = "+" + peer_.host + ":" + peer_.port + ":";
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const bool ipv6 = addresses[i].find(':') != std::string::npos;
    if (i > 0) entry += ',';
    entry += ipv6 ? "[" + addresses[i] + "]" : addresses[i];
  }
  pinned_ = curl_.slist_append(nullptr, entry.c_str());
  set(CURLOPT_RESOLVE, pinned_);
}

// A key goes to the configured origin and nowhere else, and leaves no trace.
void HttpTransfer::set_up_connection() {
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  const auto left = std::max(timeout_ - elapsed(), std::chrono::milliseconds(1));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout(left).count()));
  // Set even when empty, because otherwise the library would read the daemon's environment.
  set(CURLOPT_PROXY, proxy_.c_str());
  set(CURLOPT_NOPROXY, "");
  // Without a port, a proxy is at its scheme's (as Node has it), not at libcurl's own 1080.
  if (!proxy_.empty()) set(CURLOPT_PROXYPORT, std::strtol(peer_.port.c_str(), nullptr, 10));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpTransfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
}

void HttpTransfer::set_up_request(const core::HttpRequest& request) {
  set(CURLOPT_URL, request.url.c_str());
  if (request.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  add_extra_authorities(request.extra_ca_file);
  for (const auto& [name, value] : request.headers) add_header(name, value);
  add_header("Expect", "");
  set(CURLOPT_HTTPHEADER, headers_);
}

// Certificates are not verified here, so nothing must be sent: the transfer ends where a request
// would begin. A connection alone is looked at over http, at the port of https too; through a
// proxy by the CONNECT that https would take.
void HttpTransfer::set_up_look(const Look& look) {
  const bool with_tls = look.at == LookAt::certificates && place_.scheme == "https";
  set(CURLOPT_CONNECT_ONLY, 1L);
  set(CURLOPT_URL,
      ((with_tls ? "https://" : "http://") + place_.host + ":" + place_.port + "/").c_str());
  if (!proxy_.empty() && place_.scheme == "https") set(CURLOPT_HTTPPROXYTUNNEL, 1L);
  if (proxy_.empty() && !look.address.empty() && !is_numeric(peer_.host)) pin({look.address});
  if (!with_tls) return;
  set(CURLOPT_SSL_VERIFYPEER, 0L);
  set(CURLOPT_SSL_VERIFYHOST, 0L);
  set(CURLOPT_CERTINFO, 1L);
}

// A line break in a value would be a header of its own; such a header is not sent at all.
void HttpTransfer::add_header(const std::string& name, const std::string& value) {
  if (core::control_character(name) || core::control_character(value)) return;
  // "Name:" without a value means "do not send it", "Name;" sends it empty.
  const bool empty = value.empty() && name != "Expect";
  headers_ = curl_.slist_append(headers_, (empty ? name + ";" : name + ": " + value).c_str());
}

// The system's store is a directory of its own here, so that the bundle can be the extra one.
void HttpTransfer::add_extra_authorities(const std::string& path) {
  if (path.empty()) return;
  const auto file = read_file(path, limits::message_bytes_max);
  if (!file || file->text.find("-----BEGIN CERTIFICATE-----") == std::string::npos) return;
  curl_blob blob{const_cast<char*>(file->text.data()), file->text.size(), CURL_BLOB_COPY};
  set(CURLOPT_CAINFO_BLOB, &blob);
  set(CURLOPT_CAPATH, "/etc/ssl/certs");
}

void HttpTransfer::finish(CURLcode code) {
  long status = 0, connect_status = 0;
  curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_.easy_getinfo(easy_, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  response_.status = static_cast<int>(status);
  looked_.proxy_status = static_cast<int>(connect_status);
  if (std::holds_alternative<Looking>(job_)) looked_.chain = presented_chain();
  const NetworkFault fault = fault_of(code, connect_status);
  if (fault == NetworkFault::none) return answer(fault, {});
  answer(fault, error_[0] ? error_.data() : curl_.easy_strerror(code));
}
void HttpTransfer::finish_late() {
  answer(proxy_.empty() ? NetworkFault::dns : NetworkFault::proxy,
         peer_.host + ": the look-up of the name did not end in time");
}
void HttpTransfer::finish_cancelled() { answer(NetworkFault::cancelled, {}); }

void HttpTransfer::answer(NetworkFault fault, std::string text) {
  response_.fault = looked_.fault = fault;
  response_.fault_text = looked_.fault_text = std::move(text);
  response_.latency = looked_.latency = elapsed();
  if (auto* transfer = std::get_if<Transfer>(&job_))
    transfer->done(std::move(response_));
  else
    std::get<Looking>(job_).done(std::move(looked_));
}

std::chrono::milliseconds HttpTransfer::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begun_);
}

NetworkFault HttpTransfer::fault_of(CURLcode code, long connect_status) const {
  if (too_large_) return NetworkFault::too_large;
  if (enough_ || code == CURLE_OK) return NetworkFault::none;
  if (connect_status >= 400) return NetworkFault::proxy;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST: return NetworkFault::dns;
    case CURLE_COULDNT_RESOLVE_PROXY: return NetworkFault::proxy;
    case CURLE_COULDNT_CONNECT:
      if (refused_address_) return NetworkFault::refused_address;
      return proxy_.empty() ? NetworkFault::connect : NetworkFault::proxy;
    case CURLE_PROXY: return NetworkFault::proxy;
    case CURLE_OPERATION_TIMEDOUT: return NetworkFault::timeout;
    // So the library calls a header line without end.
    case CURLE_OUT_OF_MEMORY: return NetworkFault::too_large;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return NetworkFault::tls;
    default: return NetworkFault::broken;
  }
}

std::vector<std::string> HttpTransfer::presented_chain() const {
  constexpr std::string_view member = "Cert:";
  std::vector<std::string> chain;
  curl_certinfo* info = nullptr;
  if (curl_.easy_getinfo(easy_, CURLINFO_CERTINFO, &info) != CURLE_OK || !info) return chain;
  const std::size_t count =
      std::min<std::size_t>(std::max(info->num_of_certs, 0), presented_certificates_max);
  for (std::size_t i = 0; i < count; ++i)
    for (const curl_slist* line = info->certinfo[i]; line; line = line->next)
      if (const std::string_view text = line->data; text.starts_with(member))
        chain.emplace_back(text.substr(member.size()));
  return chain;
}

std::size_t HttpTransfer::on_header(char* data, std::size_t, std::size_t bytes, void* self) {
  return static_cast<HttpTransfer*>(self)->header({data, bytes}) ? bytes : 0;
}
// False ends the transfer. Counted are those of all answers on the way, interim ones too.
bool HttpTransfer::header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > limits::response_header_bytes_max ||
      ++header_lines_ > limits::response_headers_max) {
    too_large_ = true;
    return false;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  const std::string name = core::lower_ascii(line.substr(0, colon));
  const std::string value(core::js_trim(line.substr(colon + 1)).substr(0, header_value_bytes_max));
  if (name == "content-type") response_.content_type = value;
  if (name == "retry-after") response_.retry_after = value;
  if (name == "location") response_.location = value;
  return true;
}

std::size_t HttpTransfer::on_body(char* data, std::size_t, std::size_t bytes, void* self) {
  return static_cast<HttpTransfer*>(self)->body({data, bytes}) ? bytes : 0;
}
// False ends the transfer.
bool HttpTransfer::body(std::string_view bytes) {
  auto* const transfer = std::get_if<Transfer>(&job_);
  if (!transfer || response_.body.size() + bytes.size() > limits::response_bytes_max ||
      bytes.size() > budget_.bytes_left) {
    too_large_ = true;
    return false;
  }
  budget_.bytes_left -= bytes.size();
  budgeted_ += bytes.size();
  response_.body.append(bytes);
  long status = 0;
  curl_.easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) enough_ = transfer->feed(bytes);
  return !enough_;
}

curl_socket_t HttpTransfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  if (!static_cast<HttpTransfer*>(self)->may_connect_to(address->addr)) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}
// Asked for each address at the moment of connecting, so it does not matter which name led there.
// A proxy may stand anywhere.
bool HttpTransfer::may_connect_to(const sockaddr& address) {
  if (allows_guarded_address_ || !proxy_.empty()) return true;
  core::AddressBytes bytes;
  if (address.sa_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    const auto* const first = reinterpret_cast<const std::uint8_t*>(&ipv4);
    bytes.assign(first, first + sizeof ipv4);
  } else if (address.sa_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    bytes.assign(std::begin(ipv6.s6_addr), std::end(ipv6.s6_addr));
  }
  if (!core::is_guarded_address(bytes)) return true;
  refused_address_ = true;
  return false;
}

}  // namespace authd::io
