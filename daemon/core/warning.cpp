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
       {".services.ai.azure.com", ".models.ai.azure.com", ".githubcopilot.com", ".databricks.com",
        ".azuredatabricks.net"})
    if (url.host.ends_with(domain)) return true;
  return false;
}

bool is_dashscope(const Url& url) {
  return url.host.ends_with(".aliyuncs.com") && url.host.find("dashscope") != std::string::npos;
}

bool is_ollama(const Url& url) {
  return url.port == "11434" || url.host == "ollama" || url.host == "ollama.com";
}

bool is_lm_studio(const Url& url) { return url.port == "1234"; }

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
    {"aistudio.google.com", "https://generativelanguage.googleapis.com/v1beta/openai"},
    {"console.anthropic.com", ""},
    {"platform.claude.com", ""},
    {"z.ai", "https://api.z.ai/api/paas/v4"},
    {"chat.z.ai", "https://api.z.ai/api/paas/v4"},
    {"bigmodel.cn", "https://open.bigmodel.cn/api/paas/v4"},
    {"www.bigmodel.cn", "https://open.bigmodel.cn/api/paas/v4"},
    {"platform.minimaxi.com", "https://api.minimaxi.com/v1"},
    {"platform.minimax.io", "https://api.minimax.io/v1"},
    {"modelscope.cn", "https://api-inference.modelscope.cn/v1"},
    {"www.modelscope.cn", "https://api-inference.modelscope.cn/v1"},
    {"console.x.ai", "https://api.x.ai/v1"},
    {"cloud.siliconflow.cn", "https://api.siliconflow.cn/v1"},
    {"console.volcengine.com", "https://ark.cn-beijing.volces.com/api/v3"},
    {"console.mistral.ai", "https://api.mistral.ai/v1"},
    {"www.kimi.com", "https://api.moonshot.cn/v1"},
    {"kimi.com", "https://api.moonshot.cn/v1"},
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
  // A company's gateway in front of Azure keeps the path.
  if (path.starts_with("/openai/deployments") ||
      path.find("/openai/deployments/") != std::string_view::npos)
    return NativePath{"a deployment of Azure's own API",
                      url.host.ends_with(".azure.com") ? origin + "/openai/v1" : ""};
  if (is_lm_studio(url) && path.starts_with("/api/v"))
    return NativePath{"LM Studio's own API", origin + "/v1"};
  if (url.host == "generativelanguage.googleapis.com" &&
      path.find("/openai") == std::string_view::npos)
    return NativePath{"Gemini's native API", origin + "/v1beta/openai"};
  return std::nullopt;
}

// Vendors without a preset whose base is not just /v1 of the host.
constexpr auto known_bases = std::to_array<std::string_view>({
    "https://api.groq.com/openai/v1",
    "https://ark.cn-beijing.volces.com/api/v3",
    "https://open.bigmodel.cn/api/paas/v4",
    "https://api.kimi.com/coding/v1",
    "https://qianfan.baidubce.com/v2",
});

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
  for (const std::string_view base : known_bases)
    if (parse_url(base).host == url.host) return base;
  return {};
}

// The base of what is a whole endpoint, or the text as it is.
std::string_view without_endpoint(std::string_view url) {
  url = without_trailing_slashes(url);
  // Azure's model inference has a base that ends like this.
  const bool is_azure = parse_url(url).host.ends_with(".ai.azure.com");
  if (url.ends_with(":generateContent") || url.ends_with(":streamGenerateContent"))
    return url.substr(0, std::min(url.rfind("/models/"), url.size()));
  for (const std::string_view end : {"/chat/completions", "/completions", "/messages", "/responses",
                                     "/models", "/embeddings", "/images/generations"})
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
    if (!mangled()) {
      junk();
      // What a query hides of a URL is told, too.
      if (!url_.query.empty() || !url_.fragment.empty()) {
        bare_ = without_query_and_fragment(text_);
        text_ = bare_;
      }
      if (!native()) endpoint_or_suffix();
    }
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

  // So that there is no host to be judged.
  bool mangled() {
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
    if (is_template(text_)) {
      warn("U304", "url.junk",
           "The base URL has a part that the documentation leaves open, such as <name> or "
           "your-resource: put your own in its place.");
      return true;
    }
    const bool is_port = url_.port.size() <= 5 && std::ranges::all_of(url_.port, is_digit) &&
                         (url_.port.empty() || std::stoi(url_.port) <= 65535);
    if (!is_port)
      warn("U304", "url.junk", "The port of the base URL is no number from 1 to 65535.");
    return !is_port;
  }

  // "https://{resource}.example/v1", "https://your-resource-name.openai.azure.com".
  static bool is_template(std::string_view text) {
    text = without_wrapping(text);
    if (!expandable_name(text) && text.find_first_of("<>{}") != std::string_view::npos) return true;
    const std::string host = parse_url(text).host;
    for (const std::string_view label : split(host, '.'))
      for (const std::string_view name :
           {"your-resource", "your_resource", "your-endpoint", "your-host", "your-domain",
            "your-server", "your-api", "your-gateway", "your-instance", "your-proxy", "yourdomain",
            "your-openai", "your-azure", "my-resource-name"})
        if (label.starts_with(name)) return true;
    return false;
  }

  void junk() {
    const std::string bare = std::string(without_wrapping(text_));
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
    }
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
  std::string bare_;  // what text_ views where a query is taken off
  Url url_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> base_url_warnings(std::string_view protocol, std::string_view base_url,
                                       std::string_view step) {
  return UrlReview(protocol, base_url, step).warnings();
}

namespace {

constexpr std::size_t key_bytes_min = 12;

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

// The key in a line of a script, a header or a piece of JSON that was pasted with it: the only
// credential there, with something before it that sets it off. Empty where that is not so.
std::string_view quoted_key(std::string_view text) {
  const std::vector<Credential> found = credentials_in(text);
  if (found.size() != 1 || found.front().begin == 0) return {};
  const std::string_view key =
      text.substr(found.front().begin, found.front().end - found.front().begin);
  constexpr std::string_view before = "=\"' <{([`";
  const bool is_set_off = before.find(text[found.front().begin - 1]) != std::string_view::npos;
  return is_set_off && key.size() >= key_bytes_min && !foreign_character(key) ? key
                                                                              : std::string_view();
}

// A key that was pasted two times without anything between, as one of the two.
std::string_view half_of_twice(std::string_view key) {
  // A shorter half may be the period of a key that somebody thought up.
  const std::size_t half_bytes_min = key.starts_with("sk-") ? 16 : 20;
  const std::size_t half = key.size() / 2;
  if (key.size() % 2 != 0 || half < half_bytes_min || key.substr(0, half) != key.substr(half))
    return {};
  return key.substr(0, half);
}

bool is_masked_key(std::string_view key) {
  return key.find("***") != std::string_view::npos || key.find("...") != std::string_view::npos ||
         key.find("\u2022") != std::string_view::npos ||
         key.find("\u25cf") != std::string_view::npos;
}

bool is_bare_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::ranges::all_of(text, is_word_character);
}

// "%NAME%" and its like: what stands between two marks, where both are there.
std::optional<std::string_view> inside_of(std::string_view text, std::string_view begin,
                                          std::string_view end) {
  if (text.size() <= begin.size() + end.size() || !text.starts_with(begin) || !text.ends_with(end))
    return std::nullopt;
  return text.substr(begin.size(), text.size() - begin.size() - end.size());
}

// How shells, templates and other programs write "the value of that variable" or "what that file
// or command says". Qwen Code replaces $NAME and ${NAME}, and nothing else.
bool is_foreign_reference(std::string_view key) {
  for (const auto& [begin, end] : {std::pair<std::string_view, std::string_view>{"%", "%"},
                                   {"{", "}"},
                                   {"{{", "}}"},
                                   {"@", "@"}}) {
    const auto name = inside_of(key, begin, end);
    if (name && is_bare_name(js_trim(*name))) return true;
  }
  for (const auto& [begin, end] : {std::pair<std::string_view, std::string_view>{"{{", "}}"},
                                   {"${{", "}}"},
                                   {"<%", "%>"},
                                   {"$(", ")"},
                                   {"`", "`"}})
    if (inside_of(key, begin, end)) return true;
  const std::string lower = lower_ascii(key);
  for (const std::string_view begin : {"{env:",      "{file:",    "$env:",       "env:",
                                       "env.",       "env[",      "file:",       "cmd:",
                                       "command:",   "secret:",   "secrets.",    "vault:",
                                       "keychain:",  "keyring:",  "process.env", "import.meta.env",
                                       "os.environ", "os.getenv", "getenv(",     "system.getenv",
                                       "arn:aws:",   "!secret "})
    if (lower.starts_with(begin)) return true;
  const std::size_t scheme = key.find("://");
  return scheme != std::string_view::npos && scheme > 0 &&
         std::ranges::all_of(key.substr(0, scheme), is_alphanumeric);
}

// A place in a file system. A key may begin with a slash, but not with a directory of every system.
bool is_file_path(std::string_view key) {
  for (const std::string_view begin : {"~/", "./", "../", "/home/", "/Users/", "/root/", "/etc/",
                                       "/run/", "/var/", "/opt/", "/mnt/", "/tmp/"})
    if (key.starts_with(begin)) return true;
  return key.size() > 3 && is_alphanumeric(key[0]) && !is_digit(key[0]) && key[1] == ':' &&
         (key[2] == '\\' || key[2] == '/');
}

// The name of the variable in place of its value: "DASHSCOPE_API_KEY".
bool is_name_of_key(std::string_view key) {
  return key.find('_') != std::string_view::npos && is_bare_name(key) &&
         std::ranges::none_of(key, [](char c) { return c >= 'a' && c <= 'z'; }) &&
         (key.ends_with("_KEY") || key.ends_with("_TOKEN") || key.ends_with("_SECRET"));
}

// The words of a text without its punctuation: "sk-your-key" has three.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : lower_ascii(text))
    if (is_alphanumeric(c))
      words.back() += c;
    else if (!words.back().empty())
      words.emplace_back();
  if (words.back().empty()) words.pop_back();
  return words;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool is_random_word(const std::string& word) {
  constexpr std::size_t bytes_min = 10;
  return word.size() >= bytes_min && std::ranges::any_of(word, is_digit);
}

// Made of nothing but the words of an instruction, or of one that only samples have.
bool is_instruction(std::string_view key) {
  std::size_t plain = 0, other = 0;
  bool is_sample = false;
  for (const std::string& word : words_of(key)) {
    if (is_one_of(word, {"placeholder", "dummy", "fake", "redacted", "fixme", "todo", "undefined",
                         "yourkey", "yourapikey", "yourtoken"}))
      is_sample = true;
    if (is_random_word(word)) return false;
    const bool is_plain = is_one_of(
        word,
        {"my",        "your",     "the",     "a",        "insert",     "paste",     "enter",
         "put",       "add",      "use",     "replace",  "change",     "set",       "fill",
         "in",        "with",     "here",    "this",     "real",       "actual",    "own",
         "api",       "key",      "apikey",  "token",    "secret",     "value",     "sk",
         "example",   "sample",   "test",    "openai",   "qwen",       "dashscope", "deepseek",
         "anthropic", "claude",   "gemini",  "google",   "openrouter", "zai",       "glm",
         "kimi",      "moonshot", "minimax", "alibaba",  "modelscope", "groq",      "goes",
         "me",        "account",  "service", "provider", "new",        "from",      "ai"});
    ++(is_plain ? plain : other);
  }
  return is_sample || (other == 0 && plain >= 3);
}

// Credentials of other kinds, which no model is asked with; what they are, or empty.
std::string_view other_credential(std::string_view key, const Url& url) {
  const bool is_short = key.size() <= 32 && std::ranges::all_of(key, is_alphanumeric);
  if (key.starts_with("LTAI") && is_short)
    return "This is the id of an Alibaba Cloud AccessKey, which is for the cloud's own API; Model "
           "Studio has API keys of its own.";
  if ((key.starts_with("AKIA") || key.starts_with("AKID")) && is_short)
    return "This is the id of a cloud account's access key, not an API key for models.";
  const bool is_subscription = key.starts_with("sk-ant-oat") || key.starts_with("sk-ant-sid");
  if (is_subscription && is_at_or_below(url.host, "anthropic.com"))
    return "This is the token of a Claude subscription's log-in, not an API key.";
  if (key.starts_with("-----BEGIN ") || key.starts_with("ssh-rsa "))
    return "This is a key of another kind (SSH or TLS), not an API key.";
  return {};
}

}  // namespace

bool is_sample_key(std::string_view key) {
  if (inside_of(key, "<", ">") || inside_of(key, "[", "]")) return true;
  const std::string lower = lower_ascii(key);
  for (const std::string_view phrase : {"changeme", "change-me", "change_me", "replace-me",
                                        "replace_me", "xxxxxxxx", "api-key-here", "api_key_here"})
    if (lower.find(phrase) != std::string::npos) return true;
  if (is_instruction(key) || lower.starts_with("undefined") || lower.starts_with("[object"))
    return true;
  // "sk-0000…", "xxxx-xxxx": nothing is as monotonous.
  std::string_view body = key;
  if (const std::size_t dash = body.find('-'); dash != std::string_view::npos && dash <= 3)
    body.remove_prefix(dash + 1);
  std::string letters;
  for (const char c : body)
    if (is_alphanumeric(c) && letters.find(c) == std::string::npos) letters += c;
  if (body.size() >= 8 && letters.size() <= 1) return true;
  const std::size_t your = lower.find("your");
  if (your == std::string::npos) return false;
  if (std::ranges::any_of(words_of(key), is_random_word)) return false;
  return lower.find("key", your) != std::string::npos ||
         lower.find("token", your) != std::string::npos;
}

bool is_placeholder_key(std::string_view key) {
  constexpr std::size_t word_bytes_max = 11;
  const std::string lower = lower_ascii(key);
  if (lower.find("no-key") != std::string::npos || lower.find("not-needed") != std::string::npos ||
      lower.find("not-required") != std::string::npos)
    return true;
  return lower.size() <= word_bytes_max;
}

std::string_view key_without_prefix(std::string_view key) {
  if (const std::size_t length = assignment_length(key)) key.remove_prefix(length);
  if (lower_ascii(key.substr(0, 7)) == "bearer ") key.remove_prefix(7);
  key = js_trim(key);
  while (key.size() > key_bytes_min && (key.back() == ',' || key.back() == ';'))
    key.remove_suffix(1);
  if (key.size() > 2 && (key.front() == '"' || key.front() == '\'') && key.back() == key.front())
    key = key.substr(1, key.size() - 2);
  if (const std::string_view quoted = quoted_key(key); !quoted.empty()) return quoted;
  if (const std::string_view half = half_of_twice(key); !half.empty()) return half;
  if (key.starts_with("sk-sk-")) key.remove_prefix(3);
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
  const std::string_view trimmed = js_trim(key);
  const Url url = parse_url(base_url);
  const std::string_view bare = key_without_prefix(key);
  const bool has_bare = bare.size() < trimmed.size() && bare.size() >= key_bytes_min;
  if (has_http_scheme(key))
    warn("K206", "key.shape", "This looks like a URL, not like a key.");
  else if (is_foreign_reference(trimmed) && !has_bare)
    warn("K206", "key.shape",
         "This is how another program refers to a variable, a file or a store of secrets. Qwen "
         "Code replaces $NAME and ${NAME} alone, so the text itself would be sent as the key.");
  else if (is_masked_key(key))
    warn("K206", "key.shape", "This looks like a masked key, as a web page shows it.");
  else if (!half_of_twice(trimmed).empty())
    warn("K206", "key.shape", "The key stands there twice in a row: it was pasted two times.");
  else if (is_name_of_key(trimmed))
    warn("K206", "key.shape",
         "This is the name of a variable, not its value: the name itself would be sent.");
  else if (is_file_path(trimmed))
    warn("K206", "key.shape",
         "This looks like the path of a file. Qwen Code reads no key from a file; the path itself "
         "would be sent.");
  else if (const std::string_view what = other_credential(trimmed, url); !what.empty())
    warn("K206", "key.shape", std::string(what));
  else if (trimmed.starts_with('{') && has_bare)
    warn("K206", "key.shape", "This is a piece of JSON with a key in it, not the key alone.");
  else if (is_sample_key(trimmed) && !has_bare && !url.is_loopback() && !url.is_private())
    warn("K206", "key.shape", "This looks like the sample of a documentation, not like a key.");
  else if (bare.size() != trimmed.size())
    warn("K206", "key.shape",
         "The key has something in front of it or around it that is not part of it, such as "
         "\"Bearer \", a variable's name, quotes or brackets.");
  else if (trimmed.find(' ') != std::string_view::npos)
    warn("K206", "key.shape", "The key has blanks in it, as a sentence has.");
  else if (key.size() < key_bytes_min && !url.is_loopback())
    warn("K206", "key.shape", "The key has fewer than 12 characters, which is short for a key.");
  return warnings;
}

}  // namespace authd::core
