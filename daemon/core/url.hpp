// A base URL taken apart, as far as warnings, requests and key names need it.
#pragma once

#include <string>
#include <string_view>

namespace authd::core {

struct Url {
  std::string scheme;  // lower case, "http" or "https"
  std::string userinfo;
  std::string host;      // lower case, without the brackets of an IPv6 address
  std::string port;      // empty where none was given
  std::string path;      // from the first /, without query and fragment
  std::string query;     // with its ?
  std::string fragment;  // with its #

  // scheme://host:port with the default port spelled out: what a key is bound to.
  std::string origin() const;
  bool is_loopback() const;
  // Of a private network by its address or name: 0.0.0.0, ::, 10/8, 172.16/12, 192.168/16,
  // 169.254/16, 100.64/10, fc00::/7, fe80::/10, a name of one label, .local, .internal, .lan,
  // .home.arpa, .localdomain, .ts.net.
  bool is_private() const;
};

// Never fails: what is missing stays empty.
Url parse_url(std::string_view text);

// Whether a host is this domain or a name below it.
bool is_at_or_below(std::string_view host, std::string_view domain);

// Whether a base URL starts with http:// or https://, in any case (PRD, Step 2).
bool has_http_scheme(std::string_view text);

std::string_view without_trailing_slashes(std::string_view text);

// Without white space around it and without slashes at its end: the form in which Qwen Code
// compares and hashes base URLs (facts, 3.3). The case is kept.
std::string canonical_base_url(std::string_view base_url);

}  // namespace authd::core
