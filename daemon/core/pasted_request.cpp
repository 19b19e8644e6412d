#include "daemon/core/pasted_request.hpp"

#include <algorithm>

#include "daemon/core/provider.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

using Span = PastedText::Span;

bool occurs_twice(std::string_view text, std::string_view part) {
  const std::size_t first = text.find(part);
  return first != std::string_view::npos && text.substr(first + part.size()).contains(part);
}

}  // namespace

bool names_request_path(std::string_view text) {
  return contains_any(text, {"/chat/completions", "/messages", "generatecontent", "/responses",
                             "/completions", "/models", "/embeddings"});
}

bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= 0x20 ||
         std::string_view("\"'`<>()[]{}|\\,;").find(c) != std::string_view::npos;
}

std::optional<NamedUrl> url_at(std::string_view lower, std::size_t sign) {
  constexpr std::size_t bytes_max = 2000;
  const std::size_t begin = lower.substr(0, sign).ends_with("https")  ? sign - 5
                            : lower.substr(0, sign).ends_with("http") ? sign - 4
                                                                      : sign;
  if (begin == sign) return std::nullopt;
  std::size_t end = sign + 3;
  while (end < lower.size() && end - begin < bytes_max &&
         (!ends_url(lower[end]) || (lower[end] == '[' && end == sign + 3) ||
          (lower[end] == ']' && lower[sign + 3] == '[')))
    ++end;
  while (end > sign + 3 && std::string_view(".:!?").find(lower[end - 1]) != std::string_view::npos)
    --end;
  NamedUrl found{{begin, end}, std::string(lower.substr(begin, end - begin)), {}};
  found.url = parse_url(found.text);
  const std::string_view before =
      lower.substr(begin > 30 ? begin - 30 : 0, std::min<std::size_t>(begin, 30));
  const bool is_request = names_request_path(found.text);
  if (is_request && !contains_any(found.url.path, {"/docs", "/blob/", "/issues"}))
    found.kind = NamedUrl::Kind::request;
  else if (vendor_named_in(found.text))
    found.kind = NamedUrl::Kind::console;
  else if (contains_any(before, {"baseurl", "base_url", "base url", "api_base", "api base"}) ||
           (vendor_of_host(found.url.host) && !contains_any(found.url.host, {"docs.", "www."})))
    found.kind = NamedUrl::Kind::base;
  return found;
}

std::string request_near(const PastedText& text, std::size_t at) {
  const Span around = text.lines_around(at);
  const std::string_view words = text.lower(around);
  std::size_t best = std::string::npos;
  for (const std::string_view part :
       {"chat/completions", "/messages", "generatecontent", "/responses", "/completions"})
    for (std::size_t found = words.find(part); found != std::string_view::npos;
         found = words.find(part, found + 1))
      if (best == std::string::npos ||
          distance(found + around.begin, at) < distance(best + around.begin, at))
        best = found;
  if (best == std::string::npos) return {};
  std::size_t begin = best, end = best;
  while (begin > 0 && !ends_url(words[begin - 1]) && words[begin - 1] != '=') --begin;
  while (end < words.size() && !ends_url(words[end])) ++end;
  std::string request(words.substr(begin, end - begin));
  while (request.ends_with('.') || request.ends_with(':')) request.pop_back();
  return request.contains("/") ? request : std::string();
}

std::optional<PathFault> fault_of_request(const std::string& request, const DecodeFacts& facts) {
  const bool is_whole = has_http_scheme(request);
  const Url url = parse_url(
      is_whole ? request : "https://h" + (request.starts_with('/') ? request : "/" + request));
  const std::string& path = url.path;
  const std::string told = " The request went to " + fit_to_show(path, 300) + ".";
  const Vendor* const vendor =
      vendor_of_host(is_whole ? url.host : parse_url(lower_ascii(facts.base_url)).host);
  if (path.contains("%20"))
    return PathFault{"U304", Certainty::certain,
                     "The base URL has a blank in it or behind it, which is sent as %20." + told};
  if (occurs_twice(path, "/chat/completions") || occurs_twice(path, "/messages") ||
      occurs_twice(path, "generatecontent") || occurs_twice(path, "/responses") ||
      path.contains("/completions/chat/completions") || path.contains("/models/chat/completions"))
    return PathFault{
        "U302", Certainty::certain,
        "The base URL is a whole endpoint, to which Qwen Code appends its path once more." + told};
  if (contains_any(
          path, {"/v1/v1/", "/v1/v1beta/", "/v1beta/v1beta/", "/v1beta/v1/", "/v1beta1/v1beta/"}))
    return PathFault{"U301", Certainty::certain,
                     "The version stands in the path twice: the base URL must not end with it "
                     "under this protocol." +
                         told};
  if (path.contains("//"))
    return PathFault{"U304", Certainty::likely,
                     "There are two slashes in the path, of a base URL that ends with one." + told};
  const bool is_openai = path.ends_with("/chat/completions");
  if (is_openai && vendor && vendor->id == "alibaba" && path.contains("/api/v1/"))
    return PathFault{
        "U303", Certainty::certain,
        "This is DashScope's native API; the base URL that fits ends with /compatible-mode/v1." +
            told};
  if (is_openai && path == "/api/chat/completions")
    return PathFault{
        "U303", Certainty::likely,
        "This is a native API, such as Ollama's; the base URL that fits ends with /v1." + told};
  if (path.contains("/openai/deployments/"))
    return PathFault{
        "U303", Certainty::likely,
        "This is the path of an Azure deployment, to which Qwen Code's path does not fit." + told};
  if (!is_openai) return std::nullopt;
  const std::string base =
      (is_whole ? url.origin()
                : "https://" + (vendor ? std::string(vendor->domains.front()) : "h")) +
      path.substr(0, path.size() - std::string_view("/chat/completions").size());
  for (const Warning& warning : base_url_warnings("openai", base, ""))
    if (warning.code == "U301" && !(vendor && vendor->id == "deepseek"))
      return PathFault{"U301", Certainty::certain,
                       "The base URL lacks the version, mostly /v1." + told};
  return std::nullopt;
}

std::optional<PathFault> fault_of_base_url(const DecodeFacts& facts) {
  if (facts.base_url.empty()) return std::nullopt;
  for (const Warning& warning : base_url_warnings(facts.protocol, facts.base_url, ""))
    if (warning.code == "U301" || warning.code == "U302" || warning.code == "U304")
      return PathFault{warning.code, Certainty::likely,
                       warning.message + " The configured base URL is " +
                           fit_to_show(facts.base_url, 300) + "."};
  return std::nullopt;
}

}  // namespace authd::core
