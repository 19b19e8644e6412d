// Where the requests of a pasted text went, and what is wrong with their paths. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/decode.hpp"
#include "daemon/core/pasted_text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {

struct NamedUrl {
  PastedText::Span place;
  std::string text;  // in lower case
  Url url;
  enum class Kind { request, base, console, other } kind = Kind::other;
  bool is_ours() const { return kind != Kind::other; }
};

// Whether a path that Qwen Code appends to a base URL, or another API's, stands in it.
bool names_request_path(std::string_view text);
// Whether a URL in running text ends before this character.
bool ends_url(char c);

// The URL whose "://" begins at `sign` in a text in lower case; nothing where it is not one of
// HTTP.
std::optional<NamedUrl> url_at(std::string_view lower, std::size_t sign);

// The path of the request that is named nearest to a place, or its whole URL; in lower case.
std::string request_near(const PastedText& text, std::size_t at);

struct PathFault {
  std::string code;
  Certainty certainty = Certainty::certain;
  std::string message;
};

// What is wrong with the path of a request that was answered by 404.
std::optional<PathFault> fault_of_request(const std::string& request, const DecodeFacts& facts);

// What is wrong with the configured base URL, for a 404 that does not say where the request went.
std::optional<PathFault> fault_of_base_url(const DecodeFacts& facts);

}  // namespace authd::core
