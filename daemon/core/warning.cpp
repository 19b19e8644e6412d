#include "daemon/core/warning.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/provider.hpp"
#include "daemon/core/redact.hpp"
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
bool version_is_optional(const Url& url) {
  for (const std::string_view host :
       {"api.deepseek.com", "api.perplexity.ai", "models.github.ai",
        "models.inference.ai.azure.com", "api.githubcopilot.com", "gateway.ai.cloudflare.com"})
    if (url.host == host) return true;
  for (const std::string_view domain :
       {".services.ai.azure.com", ".databricks.com", ".azuredatabricks.net"})
    if (url.host.ends_with(domain)) return true;
  return false;
}

bool is_dashscope(const Url& url) {
  return url.host.ends_with(".aliyuncs.com") && url.host.find("dashscope") != std::string::npos;
}

bool is_ollama(const Url& url) {
  return url.port == "11434" || url.host == "ollama" || url.host == "ollama.com";
}

// The base of a vendor's compatible API where a URL leads to the native one; with what it is
// called.
struct NativePath {
  std::string whose, base;
};

// The vendors that have an Anthropic-compatible API beside their OpenAI-compatible one.
struct TwinApi {
  std::string_view host;               // or what it ends with, from a dot on
  std::string_view openai, anthropic;  // paths
};
constexpr auto twin_apis = std::to_array<TwinApi>({
    {"api.deepseek.com", "", "/anthropic"},
    {"api.moonshot.ai", "/v1", "/anthropic"},
    {"api.moonshot.cn", "/v1", "/anthropic"},
    {"api.z.ai", "/api/paas/v4", "/api/anthropic"},
    {"open.bigmodel.cn", "/api/paas/v4", "/api/anthropic"},
    {"api.minimax.io", "/v1", "/anthropic"},
    {"api.minimaxi.com", "/v1", "/anthropic"},
    {"coding.dashscope.aliyuncs.com", "/v1", "/apps/anthropic"},
    {"coding-intl.dashscope.aliyuncs.com", "/v1", "/apps/anthropic"},
    {"dashscope.aliyuncs.com", "/compatible-mode/v1", "/apps/anthropic"},
    {"dashscope-intl.aliyuncs.com", "/compatible-mode/v1", "/apps/anthropic"},
});

std::optional<NativePath> twin_path(std::string_view protocol, const Url& url) {
  const std::string path(without_trailing_slashes(url.path));
  const auto twin = std::ranges::find(twin_apis, url.host, &TwinApi::host);
  if (twin == twin_apis.end()) return std::nullopt;
  const std::string origin = "https://" + url.host;
  const bool is_anthropic = path.starts_with(twin->anthropic);
  if (protocol == "openai" && is_anthropic)
    return NativePath{"the vendor's Anthropic-compatible API", origin + std::string(twin->openai)};
  const bool is_openai =
      path.empty() || path == "/v1" || path == twin->openai || path == "/api/coding/paas/v4";
  if (protocol == "anthropic" && is_openai)
    return NativePath{"the vendor's OpenAI-compatible API", origin + std::string(twin->anthropic)};
  return std::nullopt;
}

// Pages for people, which are often copied from the address bar.
struct WebPage {
  std::string_view host, base;
};
constexpr auto web_pages = std::to_array<WebPage>({
    {"platform.openai.com", "https://api.openai.com/v1"},
    {"chatgpt.com", "https://api.openai.com/v1"},
    {"platform.deepseek.com", "https://api.deepseek.com"},
    {"chat.deepseek.com", "https://api.deepseek.com"},
    {"platform.moonshot.cn", "https://api.moonshot.cn/v1"},
    {"platform.moonshot.ai", "https://api.moonshot.ai/v1"},
    {"bailian.console.aliyun.com", "https://dashscope.aliyuncs.com/compatible-mode/v1"},
    {"modelstudio.console.alibabacloud.com",
     "https://dashscope-intl.aliyuncs.com/compatible-mode/v1"},
    {"chat.qwen.ai", ""},
    {"console.groq.com", "https://api.groq.com/openai/v1"},
});

std::optional<NativePath> web_page(const Url& url) {
  const bool is_openrouters = url.host == "openrouter.ai" && !url.path.empty() && url.path != "/" &&
                              !url.path.starts_with("/api") && !url.path.starts_with("//") &&
                              url.path != "/v1";
  if (is_openrouters) return NativePath{"a web page of OpenRouter", "https://openrouter.ai/api/v1"};
  const auto page = std::ranges::find(web_pages, url.host, &WebPage::host);
  if (page == web_pages.end()) return std::nullopt;
  return NativePath{"a web page of the vendor", std::string(page->base)};
}

std::optional<NativePath> native_path(std::string_view protocol, const Url& url) {
  if (const auto twin = twin_path(protocol, url)) return twin;
  const std::string_view path = without_trailing_slashes(url.path);
  if (protocol == "gemini" && url.host == "generativelanguage.googleapis.com" &&
      path.ends_with("/openai"))
    return NativePath{"Gemini's OpenAI-compatible API",
                      "https://generativelanguage.googleapis.com"};
  if (protocol != "openai") return std::nullopt;
  if (const auto page = web_page(url)) return page;
  const std::string origin =
      url.scheme + "://" + url.host + (url.port.empty() ? "" : ":" + url.port);
  if (is_dashscope(url) && (path == "/api/v1" || path.starts_with("/api/v1/")))
    return NativePath{"DashScope's native API", url.host.starts_with("coding")
                                                    ? origin + "/v1"
                                                    : origin + "/compatible-mode/v1"};
  if (is_ollama(url) && (path == "/api" || path.starts_with("/api/")))
    return NativePath{"Ollama's native API", origin + "/v1"};
  if (url.host.ends_with(".azure.com") && path.starts_with("/openai/deployments"))
    return NativePath{"a deployment of Azure's own API", origin + "/openai/v1"};
  if (url.host == "generativelanguage.googleapis.com" &&
      path.find("/openai") == std::string_view::npos)
    return NativePath{"Gemini's native API", origin + "/v1beta/openai"};
  return std::nullopt;
}

// The base of a preset for the host of a URL that has no path, or just /v1 where the preset has
// another; empty where there is none.
std::string_view preset_base(const Url& url) {
  const std::string_view path = without_trailing_slashes(url.path);
  if (!path.empty() && path != "/v1") return {};
  for (const Provider& provider : providers())
    for (const Endpoint& endpoint : provider.endpoints) {
      const Url preset = parse_url(endpoint.base_url);
      if (preset.host != url.host || preset.is_loopback()) continue;
      return without_trailing_slashes(preset.path) == path ? std::string_view() : endpoint.base_url;
    }
  return {};
}

// The base of what is a whole endpoint, or the text as it is.
std::string_view without_endpoint(std::string_view url) {
  url = without_trailing_slashes(url);
  // Azure's model inference has a base that ends like this.
  const bool is_azure = parse_url(url).host.ends_with(".ai.azure.com");
  if (url.ends_with(":generateContent") || url.ends_with(":streamGenerateContent"))
    return url.substr(0, std::min(url.rfind("/models/"), url.size()));
  for (const std::string_view end :
       {"/chat/completions", "/completions", "/messages", "/responses", "/models"})
    if (url.ends_with(end) && !(is_azure && end == std::string_view("/models")))
      return url.substr(0, url.size() - end.size());
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
    if (!junk() && !native()) endpoint_or_suffix();
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
    const std::string bare = std::string(without_wrapping(text_));
    const bool is_mangled =
        !has_http_scheme(bare) || url_.host == "http" || url_.host == "https" || url_.host.empty();
    if (is_mangled) {
      const auto right = with_scheme(bare);
      warn("U304", "url.junk",
           url_.host.empty() && !right
               ? "The base URL names no host."
               : "The base URL does not start with http:// or https:// and a host.",
           right);
      return true;
    }
    if (bare.size() != js_trim(text_).size())
      warn("U304", "url.junk",
           "The base URL has a character at its end that does not belong to it.", bare);
    if (without_trailing_slashes(url_.path).find("//") != std::string_view::npos)
      warn("U304", "url.junk", "The path of the base URL has a double slash in it.",
           single_slashes());
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

  // Without what was copied along: quotes, a comma, invisible characters.
  static std::string_view without_wrapping(std::string_view text) {
    constexpr std::string_view wrapping = "\"'`<>,;";
    text = js_trim(text);
    const auto trims = [&](std::string_view end) {
      return wrapping.find(end) != std::string_view::npos ||
             static_cast<unsigned char>(end[0]) >= 0x80;
    };
    while (!text.empty() && trims(text.substr(0, 1))) text.remove_prefix(1);
    while (!text.empty() && trims(text.substr(text.size() - 1))) text.remove_suffix(1);
    return js_trim(text);
  }

  // The scheme written anew, where it is missing, misspelt or doubled: plain http for this machine
  // and private networks. Nothing where another scheme is meant.
  static std::optional<std::string> with_scheme(std::string_view text) {
    constexpr auto misspelt = std::to_array<std::string_view>(
        {"https", "http", "htps", "htp", "htttps", "htttp", "hhttps", "hhttp", "ttps", "ttp"});
    for (bool is_scheme = true; is_scheme;) {
      while (text.starts_with('/') || text.starts_with(':')) text.remove_prefix(1);
      const std::string lower = lower_ascii(text.substr(0, 8));
      is_scheme = std::ranges::any_of(misspelt, [&](std::string_view scheme) {
        const bool is_it = lower.starts_with(scheme) && lower.size() > scheme.size() &&
                           (lower[scheme.size()] == ':' || lower[scheme.size()] == '/');
        if (is_it) text.remove_prefix(scheme.size());
        return is_it;
      });
    }
    const Url bare = parse_url(text);
    if (bare.host.empty() || !bare.scheme.empty()) return std::nullopt;
    const bool is_near = bare.is_loopback() || bare.is_private();
    return (is_near ? "http://" : "https://") + std::string(text);
  }

  std::string single_slashes() const {
    std::string text(text_.substr(0, text_.find("://") + 3));
    for (const char c : text_.substr(text.size()))
      if (c != '/' || !text.ends_with("/")) text += c;
    return text;
  }

  bool native() {
    const auto found = native_path(protocol_, url_);
    if (!found) return false;
    warn("U303", "url.native-path",
         "This is " + found->whose + ", which does not speak the protocol " +
             std::string(protocol_) + ".",
         found->base);
    return true;
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
    } else if (protocol_ == "openai" && bare.ends_with("/v1/v1")) {
      warn("U301", "url.protocol-suffix", "The base URL has its version twice.",
           std::string(bare.substr(0, bare.size() - 3)));
    } else if (const std::string_view preset = preset_base(url_);
               protocol_ == "openai" && !preset.empty() && !version_is_optional(url_)) {
      warn("U301", "url.protocol-suffix",
           "This vendor's OpenAI-compatible API is at " + std::string(preset) +
               "; with this base URL the request goes to " +
               std::string(without_trailing_slashes(url_.path)) + "/chat/completions.",
           std::string(preset));
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

namespace {

// NAME= in front of a key, as in a line of a .env file; 0 where there is none.
std::size_t assignment_length(std::string_view key) {
  std::string_view rest = key;
  if (rest.starts_with("export ")) rest.remove_prefix(7);
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos || equals < 3 || equals + 1 >= rest.size()) return 0;
  const std::string_view name = rest.substr(0, equals);
  const bool is_name = std::ranges::all_of(
      name, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
  return is_name && names_a_secret(name) ? key.size() - rest.size() + equals + 1 : 0;
}

bool is_masked_key(std::string_view key) {
  return key.find("***") != std::string_view::npos || key.find("...") != std::string_view::npos ||
         key.find("\u2022") != std::string_view::npos ||
         key.find("\u25cf") != std::string_view::npos;
}

// What documentation has in the place of a key: "your-api-key-here", "<key>", "sk-xxxxxxxx".
bool is_sample_key(std::string_view key) {
  if (key.starts_with('<') && key.ends_with('>')) return true;
  const std::string lower = lower_ascii(key);
  for (const std::string_view phrase : {"changeme", "change-me", "change_me", "replace-me",
                                        "replace_me", "xxxxxxxx", "api-key-here", "api_key_here"})
    if (lower.find(phrase) != std::string::npos) return true;
  const std::size_t your = lower.find("your");
  if (your == std::string::npos) return false;
  return lower.find("key", your) != std::string::npos ||
         lower.find("token", your) != std::string::npos;
}

}  // namespace

std::string_view key_without_prefix(std::string_view key) {
  if (const std::size_t length = assignment_length(key)) key.remove_prefix(length);
  if (lower_ascii(key.substr(0, 7)) == "bearer ") key.remove_prefix(7);
  if (key.size() > 2 && (key.front() == '"' || key.front() == '\'') && key.back() == key.front())
    key = key.substr(1, key.size() - 2);
  return js_trim(key);
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
  else if (is_masked_key(key))
    warn("K206", "key.shape", "This looks like a masked key, as a web page shows it.");
  else if (is_sample_key(key) && !parse_url(base_url).is_loopback())
    warn("K206", "key.shape", "This looks like the sample of a documentation, not like a key.");
  else if (key_without_prefix(key).size() != js_trim(key).size())
    warn("K206", "key.shape",
         "The key has something in front of it or around it that is not part of it, such as "
         "\"Bearer \", a variable's name or quotes.");
  else if (js_trim(key).find(' ') != std::string_view::npos)
    warn("K206", "key.shape", "The key has blanks in it, as a sentence has.");
  else if (key.size() < 12 && !parse_url(base_url).is_loopback())
    warn("K206", "key.shape", "The key has fewer than 12 characters, which is short for a key.");
  return warnings;
}

}  // namespace authd::core
