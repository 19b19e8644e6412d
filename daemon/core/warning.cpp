#include "daemon/core/warning.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

// "v1", "v4", "v1beta": a path segment that names a version of an API.
bool is_version(std::string_view segment) {
  return segment.size() >= 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

bool has_version(std::string_view path) {
  const auto segments = split(path, '/');
  return std::any_of(segments.begin(), segments.end(), is_version);
}

// Vendors whose own documentation gives a base without a version (facts, 10).
bool version_is_optional(const Url& url) { return url.host == "api.deepseek.com"; }

// The base of what is a whole endpoint, or the text as it is.
std::string_view without_endpoint(std::string_view url) {
  url = without_trailing_slashes(url);
  if (url.ends_with(":generateContent") || url.ends_with(":streamGenerateContent"))
    return url.substr(0, std::min(url.rfind("/models/"), url.size()));
  for (const std::string_view end :
       {"/chat/completions", "/completions", "/messages", "/responses", "/models"})
    if (url.ends_with(end)) return url.substr(0, url.size() - end.size());
  return url;
}

std::string_view without_suffix_of_protocol(std::string_view protocol, std::string_view url) {
  url = without_trailing_slashes(url);
  if (protocol == "anthropic" && url.ends_with("/v1")) return url.substr(0, url.size() - 3);
  if (protocol == "gemini" && url.ends_with("/v1")) return url.substr(0, url.size() - 3);
  if (protocol == "gemini" && url.ends_with("/v1beta")) return url.substr(0, url.size() - 7);
  return url;
}

std::string without_query_and_fragment(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

class UrlReview {
 public:
  UrlReview(std::string_view protocol, std::string_view text, std::string_view step)
      : protocol_(protocol), text_(text), step_(step), url_(parse_url(text)) {}

  std::vector<Warning> warnings() {
    if (!junk()) endpoint_or_suffix();
    unencrypted();
    expanded();
    return std::move(warnings_);
  }

 private:
  void warn(const char* code, const char* name, std::string message,
            std::optional<std::string> suggestion = std::nullopt) {
    warnings_.push_back(
        {code, name, std::string(step_), std::move(message), std::move(suggestion)});
  }

  bool junk() {
    if (url_.host.empty()) {
      warn("U304", "url.junk", "The base URL names no host.");
      return true;
    }
    if (text_.find_first_of(" \t") != std::string_view::npos) {
      std::string packed(text_);
      std::erase_if(packed, [](char c) { return c == ' ' || c == '\t'; });
      warn("U304", "url.junk", "The base URL has a blank in it, which would be sent as %20.",
           packed);
    }
    if (!url_.userinfo.empty())
      warn("U304", "url.junk",
           "The base URL holds a user name or password. Put the key into the key step.");
    if (!url_.query.empty() || !url_.fragment.empty()) {
      warn("U304", "url.junk",
           "Qwen Code appends its path to the base URL, so a ? or # in it breaks the request.",
           without_query_and_fragment(text_));
      return true;
    }
    return false;
  }

  void endpoint_or_suffix() {
    const std::string_view bare = without_trailing_slashes(text_);
    const std::string_view base = without_endpoint(bare);
    const std::string_view right = without_suffix_of_protocol(protocol_, base);
    if (base.size() != bare.size()) {
      warn("U302", "url.full-endpoint",
           "Give the base, not the endpoint: Qwen Code appends the path of the request itself.",
           std::string(right));
    } else if (right.size() != bare.size()) {
      const bool anthropic = protocol_ == "anthropic";
      const std::string appended = anthropic ? "/v1/messages" : "/v1beta/models/…";
      const std::string request = parse_url(bare).path + appended;
      warn("U301", "url.protocol-suffix",
           "Qwen Code adds " + appended + " itself: with this base URL the request goes to " +
               request + ", which answers 404.",
           std::string(right));
    } else if (protocol_ == "openai" && !has_version(url_.path) && !version_is_optional(url_)) {
      warn("U301", "url.protocol-suffix",
           "Most OpenAI-compatible endpoints need a version in the base URL: without it the "
           "request goes to " +
               std::string(without_trailing_slashes(url_.path)) + "/chat/completions.",
           std::string(bare) + "/v1");
    }
  }

  void unencrypted() {
    if (url_.scheme != "http" || url_.is_loopback()) return;
    warn("U304", "url.junk", "Plain http: the key would travel unencrypted to " + url_.host + ".",
         "https" + std::string(text_.substr(4)));
  }

  void expanded() {
    if (const auto name = expandable_name(text_))
      warn("E110", "env.expanded",
           "Qwen Code replaces $" + *name +
               " in settings.json by that variable's value when it is set.");
  }

  std::string_view protocol_, text_, step_;
  Url url_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> base_url_warnings(std::string_view protocol, std::string_view base_url,
                                       std::string_view step) {
  return UrlReview(protocol, base_url, step).warnings();
}

std::vector<Warning> api_key_warnings(std::string_view key, std::string_view base_url,
                                      std::string_view step) {
  std::vector<Warning> warnings;
  const auto warn = [&](const char* code, const char* name, std::string message) {
    warnings.push_back({code, name, std::string(step), std::move(message)});
  };
  // The name is part of the key, so it is not shown.
  if (expandable_name(key))
    warn(
        "E110", "env.expanded",
        "The key holds a $NAME. Qwen Code replaces it by that variable's value when it is set, and "
        "settings.json has no way to escape it.");
  if (has_http_scheme(key))
    warn("K206", "key.shape", "This looks like a URL, not like a key.");
  else if (key.find("***") != std::string_view::npos || key.find("...") != std::string_view::npos)
    warn("K206", "key.shape", "This looks like a masked key, as a web page shows it.");
  else if (key.size() < 12 && !parse_url(base_url).is_loopback())
    warn("K206", "key.shape", "The key has fewer than 12 characters, which is short for a key.");
  return warnings;
}

}  // namespace authd::core
