#include "daemon/core/url.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/text.hpp"

namespace authd::core {

bool has_http_scheme(std::string_view text) {
  const std::string lower = lower_ascii(text.substr(0, 8));
  return lower.starts_with("http://") || lower.starts_with("https://");
}

bool is_at_or_below(std::string_view host, std::string_view domain) {
  return host == domain || (host.size() > domain.size() && host.ends_with(domain) &&
                            host[host.size() - domain.size() - 1] == '.');
}

Url parse_url(std::string_view text) {
  Url url;
  if (const std::size_t at = text.find("://"); at != std::string_view::npos) {
    url.scheme = lower_ascii(text.substr(0, at));
    text.remove_prefix(at + 3);
  }
  if (const std::size_t at = text.find('#'); at != std::string_view::npos) {
    url.fragment = text.substr(at);
    text = text.substr(0, at);
  }
  if (const std::size_t at = text.find('?'); at != std::string_view::npos) {
    url.query = text.substr(at);
    text = text.substr(0, at);
  }
  const std::size_t slash = std::min(text.find('/'), text.size());
  url.path = text.substr(slash);
  std::string_view authority = text.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with("[")) {
    const std::size_t close = std::min(authority.find(']'), authority.size());
    url.host = lower_ascii(authority.substr(1, close - 1));
    authority.remove_prefix(std::min(close + 1, authority.size()));
    if (authority.starts_with(":")) url.port = authority.substr(1);
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    url.host = lower_ascii(authority.substr(0, colon));
    if (colon < authority.size()) url.port = authority.substr(colon + 1);
  }
  return url;
}

std::string Url::origin() const {
  const std::string effective_port = !port.empty() ? port : scheme == "https" ? "443" : "80";
  const bool ipv6 = host.find(':') != std::string::npos;
  return scheme + "://" + (ipv6 ? "[" + host + "]" : host) + ":" + effective_port;
}

bool Url::is_loopback() const {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  const bool numeric = std::all_of(host.begin(), host.end(),
                                   [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return numeric && host.starts_with("127.") && std::count(host.begin(), host.end(), '.') == 3;
}

bool Url::is_private() const {
  if (host.empty()) return false;
  // The unspecified addresses lead to this machine.
  if (host == "0.0.0.0" || host == "::" || host.starts_with("::ffff:127.")) return true;
  if (host.find(':') != std::string::npos)
    return host.starts_with("fc") || host.starts_with("fd") || host.starts_with("fe8") ||
           host.starts_with("fe9") || host.starts_with("fea") || host.starts_with("feb");
  const bool numeric = std::all_of(host.begin(), host.end(),
                                   [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  if (numeric) {
    if (host.starts_with("10.") || host.starts_with("192.168.") || host.starts_with("169.254."))
      return true;
    const bool is_shared = host.starts_with("100.");  // of a carrier, or of Tailscale
    if (!is_shared && !host.starts_with("172.")) return false;
    std::string second = host.substr(4, host.find('.', 4) - 4);
    second.insert(0, second.size() < 3 ? 3 - second.size() : 0, '0');
    return is_shared ? second >= "064" && second <= "127" : second >= "016" && second <= "031";
  }
  if (host.find('.') == std::string::npos) return true;
  return std::ranges::any_of(
      std::array<std::string_view, 14>{".local", ".internal", ".lan", ".home.arpa", ".localdomain",
                                       ".ts.net", ".svc", ".home", ".corp", ".intranet", ".private",
                                       ".test", ".fritz.box", ".speedport.ip"},
      [&](std::string_view end) { return host.ends_with(end); });
}

std::string_view without_trailing_slashes(std::string_view text) {
  while (text.ends_with("/")) text.remove_suffix(1);
  return text;
}

std::string canonical_base_url(std::string_view base_url) {
  return std::string(without_trailing_slashes(js_trim(base_url)));
}

}  // namespace authd::core
