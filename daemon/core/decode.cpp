#include "daemon/core/decode.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "daemon/core/pasted_request.hpp"
#include "daemon/core/pasted_text.hpp"
#include "daemon/core/phrase_index.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

using Span = PastedText::Span;

// The ids under which the index knows what it looks for.
constexpr std::uint16_t first_program_row = 1000, first_status = 2000, scheme_id = 3000,
                        sign_id = 3001;
constexpr std::array<short, 9> statuses_alone{400, 401, 402, 403, 404, 405, 407, 422, 429};
constexpr std::array<short, 5> server_statuses{500, 502, 503, 504, 529};

// What shows that a text is about models, and not about any other server.
constexpr std::string_view signs[] = {"[api error",
                                      "chat/completions",
                                      "/v1/messages",
                                      "generatecontent",
                                      "dashscope",
                                      "openrouter",
                                      "anthropic",
                                      "openai",
                                      "qwen",
                                      "bigmodel",
                                      "api.z.ai",
                                      "deepseek",
                                      "moonshot",
                                      "apistatuserror",
                                      "authenticationerror",
                                      "notfounderror",
                                      "ratelimiterror",
                                      "badrequesterror",
                                      "permissiondenied",
                                      "/v1/responses",
                                      "ollama",
                                      "=gemini",
                                      "modelproviders",
                                      "litellm",
                                      "=llm",
                                      "api key",
                                      "api-key",
                                      "apikey",
                                      "model"};

// Names and words of servers that are none of models, as their clients print them.
bool names_other_server(std::string_view line) {
  constexpr std::size_t lead_bytes = 12;
  const std::size_t first = line.find_first_not_of(' ');
  const std::string_view words =
      first == std::string_view::npos ? std::string_view() : line.substr(first);
  const bool is_other_program = std::ranges::any_of(
      std::to_array<std::string_view>({"npm err", "npm warn", "fatal:", "pip:", "pip ",
                                       "git:", "yarn ", "psql:", "ssh:", "w: ", "e: ", "err:"}),
      [&](std::string_view lead) { return words.substr(0, lead_bytes).starts_with(lead); });
  return is_other_program ||
         contains_any(line, {"registry.npmjs.org", "registry.yarnpkg.com", "pypi.org",
                             "files.pythonhosted.org", "github.com", "gitlab.com", "crates.io",
                             "docker.io", "proxy.golang.org", "rubygems.org", "pip._vendor",
                             "mongo", "postgres", "redis", "mysql", "kafka", "amqp", "kubectl"});
}

// The port of a data base or a queue, which stands behind a colon or the word.
bool names_other_port(std::string_view words, std::string_view base_url) {
  for (const std::string_view port :
       {"22", "3306", "5432", "5672", "6379", "9092", "9200", "27017"}) {
    if (base_url.contains(":" + std::string(port))) continue;
    for (const std::string_view lead : {":", "port ", "port: "}) {
      if (lead == ":" && port.size() < 4) continue;  // that is a time
      const std::string sought = std::string(lead) + std::string(port);
      for (std::size_t at = words.find(sought); at != std::string_view::npos;
           at = words.find(sought, at + 1))
        if (at + sought.size() == words.size() || !is_word_character(words[at + sought.size()]))
          return true;
    }
  }
  return false;
}

// Where somebody logs in who is no client of a model's.
bool names_other_login(std::string_view words) {
  return contains_any(words, {"smtp", "imap", "ldap", "kinit", "kerberos", "gh: ", "sasl",
                              "www-authenticate: basic", "no such table", "no such column"});
}

const PhraseIndex& decoder_index() {
  static const PhraseIndex index = [] {
    static const std::array<std::string, statuses_alone.size() + server_statuses.size()> numbers =
        [] {
          std::array<std::string, statuses_alone.size() + server_statuses.size()> made;
          std::size_t i = 0;
          for (const short status : statuses_alone) made[i++] = std::to_string(status);
          for (const short status : server_statuses) made[i++] = std::to_string(status);
          return made;
        }();
    PhraseIndex made;
    std::uint16_t id = 0;
    for (const ErrorText& row : provider_texts()) {
      for (const std::string_view phrase : row.phrases) made.add(phrase, id);
      ++id;
    }
    id = first_program_row;
    for (const ErrorText& row : program_texts()) {
      for (const std::string_view phrase : row.phrases) made.add(phrase, id);
      ++id;
    }
    id = first_status;
    for (const std::string& number : numbers) made.add(number, id++);
    made.add("://", scheme_id);
    for (const std::string_view sign : signs) made.add(sign, sign_id);
    return made;
  }();
  return index;
}

// ---- Hits

struct Hit {
  const ErrorText* row = nullptr;  // nothing for a status alone
  std::size_t at = 0, size = 0;
  int status = 0;  // told beside it; 0 for none
  bool is_program = false;
  bool is_prose = false;  // somebody speaks of such an error
};

// ---- Details of the text

std::string code_point_name(unsigned long value) {
  std::array<char, 16> name{};
  std::snprintf(name.data(), name.size(), "U+%04lX", value);
  const struct {
    unsigned long value;
    const char* what;
  } known[] = {{0x0A, "a line break"},
               {0x0D, "a carriage return"},
               {0xA0, "a blank that does not break"},
               {0x200B, "a blank without width"},
               {0x2018, "a curly quote"},
               {0x2019, "a curly quote"},
               {0x201C, "a curly quote"},
               {0x201D, "a curly quote"},
               {0x2022, "the bullet of a masked key"},
               {0x2026, "the ellipsis of a key that was shortened"},
               {0x2500, "a piece of a frame"},
               {0xFEFF, "a byte order mark"},
               {0xFF1A, "a full-width colon"}};
  for (const auto& one : known)
    if (one.value == value) return std::string(name.data()) + ", " + one.what;
  return name.data();
}

// The number behind some words; nothing where there is none.
std::optional<unsigned long> number_behind(std::string_view text, std::string_view words) {
  const std::size_t found = text.find(words);
  if (found == std::string_view::npos) return std::nullopt;
  constexpr std::size_t digits_max = 9;
  std::size_t at = found + words.size();
  unsigned long value = 0;
  std::size_t digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && digits < digits_max;
       ++at, ++digits)
    value = value * 10 + static_cast<unsigned long>(text[at] - '0');
  if (digits == 0) return std::nullopt;
  return value;
}

bool is_variable_name(std::string_view name) {
  const bool is_shaped = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                         std::ranges::all_of(name, is_word_character);
  return is_shaped && credentials_in(name).empty() && !has_random_run(name);
}

std::string_view between(std::string_view text, std::string_view lead, std::string_view end) {
  const std::size_t found = text.find(lead);
  if (found == std::string_view::npos) return {};
  const std::size_t begin = found + lead.size();
  const std::size_t stop = text.find(end, begin);
  return stop == std::string_view::npos ? std::string_view() : text.substr(begin, stop - begin);
}

// The variable that a complaint about a missing key names; empty where it names none.
std::string_view variable_of_complaint(std::string_view line) {
  for (const auto& [lead, end] :
       {std::pair("set the '", "'"), {"Set the '", "'"}, {"envKey: '", "'"}})
    if (const std::string_view name = between(line, lead, end); !name.empty()) return name;
  const std::size_t found = line.find(" environment variable ");
  if (found == std::string_view::npos) return {};
  const std::size_t begin = line.substr(0, found).find_last_of(" :\"'[");
  return line.substr(begin == std::string_view::npos ? 0 : begin + 1,
                     found - (begin == std::string_view::npos ? 0 : begin + 1));
}

// ---- The decoder

class Decoder {
 public:
  Decoder(std::string_view text, const DecodeFacts& facts) : text_(text), facts_(facts) {}

  Decoding take() {
    search();
    for (const bool is_prose : {false, true}) {
      is_prose_ = is_prose;
      interpret_all();
      // What is reported counts, whatever is said beside it.
      if (!meanings_.empty() || !known_hint_.empty()) break;
    }
    hide_consequences();
    std::ranges::stable_sort(
        meanings_, [](const Meaning& a, const Meaning& b) { return a.certainty > b.certainty; });
    Decoding decoding{std::move(meanings_), {}};
    if (decoding.meanings.empty()) decoding.hint = hint();
    return decoding;
  }

 private:
  static constexpr std::string_view prose_remark =
      "The text speaks of such an error, and does not look like one that came.";
  static constexpr std::size_t urls_max = 64, hits_of_row_max = 4, seen_of_row_max = 200,
                               evidence_max = 3, excerpt_bytes_max = 600;
  // A short text is about what somebody asks; a long one has to show that it is about models.
  static constexpr std::size_t short_bytes_max = 1500;

  void interpret_all() {
    for (const Hit& hit : of_each_answer()) interpret(hit);
    const bool has_words =
        std::ranges::any_of(hits_, [this](const Hit& hit) { return hit.is_prose == is_prose_; });
    if (meanings_.empty() && !has_words)
      for (const Hit& hit : alone_) interpret_status(hit);
    else
      statuses_without_words();
  }

  bool is_about_models() const { return has_sign_ || text_.text().size() <= short_bytes_max; }

  void search() {
    std::vector<std::size_t> seen(first_status + statuses_alone.size() + server_statuses.size());
    std::vector<std::size_t> taken(seen.size());
    decoder_index().search(text_.lower(), [&](std::uint16_t id, std::size_t at, std::size_t size) {
      if (id == sign_id) {
        has_sign_ = true;
      } else if (id == scheme_id) {
        if (urls_.size() < urls_max)
          if (auto url = url_at(text_.lower(), at)) urls_.push_back(*std::move(url));
      } else if (taken[id] < hits_of_row_max && seen[id]++ < seen_of_row_max) {
        const bool counts =
            id < first_status ? takes_words(id, at, size) : takes_status(id, at, size);
        if (counts) ++taken[id];
      }
    });
  }

  bool takes_words(std::uint16_t id, std::size_t at, std::size_t size) {
    const bool is_program = id >= first_program_row;
    const ErrorText& row =
        is_program ? program_texts()[id - first_program_row] : provider_texts()[id];
    const auto tone = text_.tone_at(at, size);
    if (tone == PastedText::Tone::no_report) return false;
    if (!row.beside.empty() && !text_.lower(text_.lines_around(at)).contains(row.beside))
      return false;
    const int status = is_program ? 0 : text_.status_near(at);
    if (!is_program) {
      if (row.weight == Weight::with_status ? !row.holds_for(status) || status == 0
                                            : status != 0 && !row.holds_for(status) && status < 500)
        return false;
      if (status >= 500 && !row.holds_for(status)) return false;
    }
    // What programs say are sentences of their own, which nobody says otherwise.
    const bool is_prose =
        tone == PastedText::Tone::prose || (tone == PastedText::Tone::unclear && !is_program);
    hits_.push_back({&row, at, size, status, is_program, is_prose});
    // However much is said about an error, there is room for the error itself.
    return !is_prose;
  }

  bool takes_status(std::uint16_t id, std::size_t at, std::size_t size) {
    if (!text_.is_status_at(at)) return false;
    const auto tone = text_.tone_at(at, size);
    if (tone == PastedText::Tone::no_report) return false;
    const bool is_prose = tone != PastedText::Tone::report;
    const std::size_t which = id - first_status;
    const bool is_server = which >= statuses_alone.size();
    const int status =
        is_server ? server_statuses[which - statuses_alone.size()] : statuses_alone[which];
    if (!is_server)
      alone_.push_back({nullptr, at, size, status, false, is_prose});
    else if (!is_prose && server_status_ == 0)
      server_status_ = status;
    return !is_prose;
  }

  // Of the rows that hold for one answer the first, as for the answer to a check.
  std::vector<Hit> of_each_answer() {
    constexpr std::size_t answer_bytes = 400;
    std::ranges::stable_sort(hits_, {}, &Hit::at);
    std::vector<Hit> chosen;
    std::size_t last = 0;
    for (const Hit& hit : hits_) {
      if (hit.is_prose != is_prose_) continue;
      if (hit.is_program || !applies(hit)) {
        if (hit.is_program) chosen.push_back(hit);
        continue;
      }
      Hit* former = nullptr;
      for (auto one = chosen.rbegin(); one != chosen.rend() && !former; ++one)
        if (!one->is_program) former = &*one;
      const bool is_same_answer =
          former && hit.at - last <= answer_bytes && hit.status == former->status;
      last = hit.at;
      if (!is_same_answer)
        chosen.push_back(hit);
      else if (hit.row < former->row)
        *former = hit;
    }
    // Of a program's complaints, too: what is special stands before what is general.
    std::ranges::stable_sort(chosen, [](const Hit& a, const Hit& b) {
      return a.is_program && b.is_program && a.row < b.row;
    });
    return chosen;
  }

  // Whether the row's further conditions hold.
  bool applies(const Hit& hit) const {
    const ErrorText& row = *hit.row;
    if (!row.endpoint.empty() && !asked_url(hit.at).contains(row.endpoint)) return false;
    if (row.vendor.empty()) return true;
    const Vendor* const named = vendor_named_in(text_.lower(text_.lines_around(hit.at)));
    const Vendor* const answering =
        named ? named : vendor_of_host(parse_url(asked_url(hit.at)).host);
    return answering && answering->id == row.vendor;
  }

  // ---- What is known of where the request went

  const NamedUrl* url_near(std::size_t at, bool only_requests = false) const {
    const NamedUrl* nearest = nullptr;
    for (const NamedUrl& url : urls_) {
      const bool counts = url.kind == NamedUrl::Kind::request ||
                          (!only_requests && url.kind == NamedUrl::Kind::base);
      if (counts &&
          (!nearest || distance(url.place.begin, at) < distance(nearest->place.begin, at)))
        nearest = &url;
    }
    return nearest;
  }
  // In lower case; empty where neither the text nor the set-up says it.
  std::string asked_url(std::size_t at) const {
    const NamedUrl* const url = url_near(at);
    return url ? url->text : lower_ascii(facts_.base_url);
  }

  // Whether the words are about another kind of server: a line that names one, and none of a model.
  bool is_elsewhere(std::size_t at) const {
    const Span line = has_sign_ ? text_.line_at(at) : text_.lines_around(at);
    const std::string_view words = text_.lower(line);
    if (words.contains("github api")) return true;
    if (!words.contains("[api error") && names_other_login(words)) return true;
    bool has_url = false, has_ours = false;
    for (const NamedUrl& url : urls_) {
      if (url.place.begin < line.begin || url.place.begin >= line.end) continue;
      const bool is_configured =
          !facts_.base_url.empty() && url.url.host == parse_url(lower_ascii(facts_.base_url)).host;
      has_url = true;
      has_ours = has_ours || url.is_ours() || is_configured;
    }
    if (has_url) return !has_ours;
    const bool is_request = contains_any(
        words, {"get /", "post /", "put /", "head /", "delete /", "options /", "patch /"});
    return is_request && !names_request_path(words);
  }

  // Whether a connection failed that was none to a model: what names an address of its own is
  // judged by it, the rest by its neighbours.
  bool is_other_connection(const Hit& hit) const {
    const ErrorText& row = *hit.row;
    const bool is_page = row.code == "N703" && row.certainty != Certainty::certain;
    if ((!row.code.starts_with("N7") && row.code != "U305") || is_page) return false;
    const Span span = text_.line_at(hit.at);
    const std::string_view line = text_.lower(span);
    if (line.contains("[api error")) return false;
    const Url configured = parse_url(lower_ascii(facts_.base_url));
    if (!configured.host.empty() && !configured.is_loopback() && line.contains(configured.host))
      return false;
    bool has_other = false;
    for (const NamedUrl& url : urls_) {
      if (url.place.begin < span.begin || url.place.begin >= span.end) continue;
      if (url.kind == NamedUrl::Kind::request || url.kind == NamedUrl::Kind::base) return false;
      // What only explains the error stands behind it; curl and Node name such pages.
      const bool explains = contains_any(url.url.host, {"curl.se", "nodejs.org"});
      has_other = has_other || (!explains && !url.is_ours() && !url.url.is_loopback());
    }
    if (has_other || names_other_server(line)) return true;
    const std::string address = address_behind(hit.at + hit.size);
    const std::string_view words =
        address.empty() ? text_.lower(text_.lines_around(hit.at)) : std::string_view(address);
    return names_other_port(words, facts_.base_url) || names_other_port(line, facts_.base_url);
  }

  // ---- Meanings

  void add(std::string_view code, Certainty certainty, std::string message, const Hit& hit) {
    if (is_prose_) certainty = Certainty::possible;
    if (is_prose_ && !message.ends_with(prose_remark)) message += " " + std::string(prose_remark);
    auto found = std::ranges::find(meanings_, code, &Meaning::code);
    if (found == meanings_.end()) {
      meanings_.push_back({std::string(code), certainty, std::move(message), {}});
      found = std::prev(meanings_.end());
    } else if (found->certainty < certainty) {
      found->certainty = certainty;
      found->message = std::move(message);
    }
    std::string excerpt = excerpt_of(hit);
    if (found->evidence.size() < evidence_max && !excerpt.empty() &&
        std::ranges::find(found->evidence, excerpt) == found->evidence.end())
      found->evidence.push_back(std::move(excerpt));
  }

  // A key that the line names as one is hidden wherever it stands, also where the excerpt begins
  // behind the words that name it.
  std::string excerpt_of(const Hit& hit) const {
    std::string excerpt = without_named_keys(text_.excerpt(hit.at, hit.size));
    constexpr std::size_t bytes_min = 4;
    const Span around = text_.lines_around(hit.at);
    for (const std::string_view key : named_keys(
             std::string_view(text_.text()).substr(around.begin, around.end - around.begin))) {
      if (key.size() < bytes_min) continue;
      for (std::size_t at = excerpt.find(key); at != std::string::npos; at = excerpt.find(key, at))
        excerpt.replace(at, key.size(), "••••");
    }
    return printable(excerpt, excerpt_bytes_max);
  }

  void add_others(std::initializer_list<std::string_view> codes, const Hit& hit) {
    if (is_prose_) return;
    for (const std::string_view code : codes)
      if (!code.empty()) add(code, Certainty::possible, possible_message(code), hit);
  }
  void add_others(const ErrorText& row, const Hit& hit) {
    if (is_prose_) return;
    for (const std::string_view code : row.others)
      if (!code.empty()) add(code, Certainty::possible, possible_message(code), hit);
  }

  static std::string possible_message(std::string_view code) {
    const std::pair<std::string_view, const char*> messages[] = {
        {"E101",
         "A variable that is set in the shell or in a .env file may have won over the settings."},
        {"E106", "The key may stand in a variable whose name only resembles the right one."},
        {"K201", "The key may belong to another plan than this endpoint."},
        {"K202", "The key may belong to another region than this endpoint."},
        {"K203", "The key itself may be wrong, revoked or another provider's."},
        {"K205", "The key may be empty, or hold characters that no header carries."},
        {"K206",
         "The key may not be one: a masked or shortened form, or one with words around it."},
        {"K208", "The key may have been sent to another provider than the configured one."},
        {"M501", "The model may not be offered here, or its id may be misspelt."},
        {"N701", "Something in between may open TLS with a certificate that Node does not trust."},
        {"N703", "A proxy may be in between."},
        {"N704", "The host may not be reachable."},
        {"P401", "The old Qwen OAuth login may still be selected; it ended on 2026-04-15."},
        {"Q602", "A quota for some time may be used up, and come back by itself."},
        {"Q601", "There may only have been too many requests in a short time."},
        {"Q603", "The account may not be paid for."},
        {"U301", "The base URL may not fit the protocol."},
        {"F803", "The file may be managed by another program, or lie where nobody may write."}};
    for (const auto& [known, message] : messages)
      if (known == code) return message;
    return "It may be this.";
  }

  void interpret(const Hit& hit) {
    const ErrorText& row = *hit.row;
    if (row.code.empty()) return blame_nothing(hit);
    if (hit.is_program) return interpret_program(hit);
    if (row.state == VerdictState::rejected) return interpret_refusal(hit);
    if (row.code == "U301") return interpret_path(hit);
    if (row.code == "M501") return interpret_model(hit);
    std::string message(row.meaning);
    if (row.code == "Q601") {
      if (is_elsewhere(hit.at)) return;
      message += waiting_time(hit.at);
    }
    if (row.code == "Q602") {
      const Span around = text_.lines_around(hit.at);
      const std::string again = reset_time(
          std::string_view(text_.text()).substr(around.begin, around.end - around.begin));
      if (!again.empty()) message += " It is there again at " + fit_to_show(again, 60) + ".";
    }
    if (row.code == "K201" && asked_url(hit.at).contains("/coding/"))
      message = "The Coding Plan's endpoint takes no key without the plan, or the plan has ended.";
    add(row.code, row.certainty, std::move(message), hit);
    add_others(row, hit);
  }

  // An error for which neither the key nor the settings can be blamed.
  void blame_nothing(const Hit& hit) {
    if (is_prose_ || !known_hint_.empty() || !is_about_models()) return;
    known_hint_ = hit.row->meaning;
    constexpr std::string_view claim = "The key is good, but the ";
    if (known_hint_.starts_with(claim))
      known_hint_ = "The " + known_hint_.substr(claim.size()) +
                    " Neither the key nor the settings are at fault.";
    const std::size_t colon = known_hint_.find(": this is");
    const int status = hit.status >= 500 ? hit.status : server_status_;
    if (status != 0 && colon != std::string::npos)
      known_hint_.insert(colon, " (" + std::to_string(status) + ")");
  }

  std::string waiting_time(std::size_t at) const {
    const std::string_view words = text_.lower(text_.lines_around(at));
    for (const std::string_view lead :
         {"retry-after: ", "retry-after\": \"", "retry-after\":\"", "retry after ", "retry in ",
          "try again in ", "retry-after "})
      if (const auto seconds = number_behind(words, lead))
        return " It can be asked again after " + std::to_string(*seconds) + " s.";
    return {};
  }

  // ---- Refused keys

  void interpret_refusal(const Hit& hit) {
    const ErrorText& row = *hit.row;
    if (row.code == "K203" && is_elsewhere(hit.at)) return;
    if (is_other_vendor(hit)) return;
    if (row.code == "E105" || row.code == "K210") {
      add(row.code, row.certainty, std::string(row.meaning), hit);
      return add_others(row, hit);
    }
    if (row.code == "K203")
      return refuse_by_vendor(hit, row.certainty, std::string(row.meaning), row);
    if (row.code == "K201" && !row.others[1].empty() && row.others[1] == "P401" &&
        speaks_of_oauth()) {
      add("P401", Certainty::likely,
          "The token of the Qwen OAuth login is refused: its free tier ended on 2026-04-15.", hit);
      return add_others({"K201", "K202"}, hit);
    }
    const Vendor* const asked = vendor_of_host(parse_url(asked_url(hit.at)).host);
    if (asked && asked->id == "alibaba") return refuse_by_endpoint(hit, std::string(row.meaning));
    if (asked && !asked->has_plans && !asked->has_regions && row.vendor.empty())
      return add("K203", Certainty::likely, "The provider refused the key.", hit);
    add(row.code, row.certainty, std::string(row.meaning), hit);
    add_others(row, hit);
  }

  bool speaks_of_oauth() const {
    return facts_.auth_type == "qwen-oauth" ||
           contains_any(text_.lower(),
                        {"qwen-oauth", "qwen oauth", "portal.qwen.ai", "chat.qwen.ai"});
  }

  // Keys of Model Studio are good for one plan and one region; which of both is at fault, the host
  // says at best.
  void refuse_by_endpoint(const Hit& hit, std::string message) {
    const std::string url = asked_url(hit.at);
    const bool is_plan = contains_any(url, {"//coding", "token-plan"});
    const bool is_plan_key =
        facts_.has_plan_key || text_.lower(text_.lines_around(hit.at)).contains("sk-sp-");
    if (is_plan || is_plan_key) {
      if (is_plan_key && !is_plan)
        message = "The key looks like a Coding Plan's, and the endpoint is the pay-as-you-go one.";
      add("K201", Certainty::likely, std::move(message), hit);
      return add_others({"K202", "K203"}, hit);
    }
    add("K202", Certainty::likely, std::move(message), hit);
    add_others({"K201", "K203"}, hit);
  }

  void refuse_by_vendor(const Hit& hit, Certainty certainty, std::string message,
                        const ErrorText& row) {
    const Vendor* const asked = vendor_of_host(parse_url(asked_url(hit.at)).host);
    if (asked && asked->id == "alibaba") return refuse_by_endpoint(hit, std::move(message));
    if (asked && asked->has_regions) {
      add("K202", Certainty::likely,
          "The provider refuses the key at this endpoint: keys of its other region are refused in "
          "the same words as wrong ones.",
          hit);
      return add_others({"K203"}, hit);
    }
    add("K203", certainty, std::move(message), hit);
    if (asked && asked->has_plans) add_others({"K201"}, hit);
    add_others(row, hit);
  }

  // Whether somebody else answered than who should have been asked.
  bool is_other_vendor(const Hit& hit) {
    const std::string_view words = text_.lower(text_.lines_around(hit.at));
    const Vendor* answering = vendor_named_in(words);
    const NamedUrl* const request = url_near(hit.at, true);
    const NamedUrl* const named = url_near(hit.at);
    if (!answering && request) answering = vendor_of_host(request->url.host);
    if (!answering) return false;
    const Url configured = parse_url(lower_ascii(facts_.base_url));
    const std::string asked_host = named ? named->url.host : configured.host;
    const Vendor* const asked = vendor_of_host(asked_host);
    const Vendor* const meant = vendor_of_host(configured.host);
    const std::string told =
        answering->title.empty() ? std::string() : std::string(answering->title);
    const auto sent = [&](std::string_view to, Certainty certainty) {
      add("K208", certainty,
          told + " answered, and the request was meant for " + fit_to_show(to, 200) +
              ": the key was sent to the wrong company. Consider renewing it.",
          hit);
      add_others({"K203"}, hit);
      return true;
    };
    if (asked && asked != answering && !asked->relays)
      return sent(asked_host, named ? Certainty::certain : Certainty::likely);
    if (named && meant && meant != answering && !meant->relays && asked == answering)
      return sent(configured.host, Certainty::likely);
    if (answering->id != "openai" || asked == answering) return false;
    // The key that OpenAI repeats in parts may say whose it is.
    const bool is_own = contains_any(words, {"sk-proj-", "sk-svcacct-", "sk-admin-"});
    const bool is_foreign =
        contains_any(words, {"provided: sk-or-", "provided: sk-sp-", "provided: sk-ant-",
                             "provided: aiza", "provided: gsk_", "provided: xai-"});
    if (is_own && asked_host.empty()) return false;
    if (!asked_host.empty() && parse_url("http://" + asked_host).is_loopback()) {
      add("K203", Certainty::likely, "OpenAI refused the key that the local gateway sent on.", hit);
      add_others({"K208"}, hit);
      return true;
    }
    if (asked && asked->relays) return false;
    if (!asked_host.empty()) return sent(asked_host, Certainty::likely);
    add("K208", is_foreign ? Certainty::certain : Certainty::likely,
        "OpenAI answered. If another provider is configured, the key was sent to the wrong "
        "company: its base URL is not in effect. Consider renewing the key.",
        hit);
    add_others({"K203"}, hit);
    return true;
  }

  // ---- Paths and models

  void interpret_path(const Hit& hit) {
    if (is_elsewhere(hit.at)) return;
    const std::string request = request_near(text_, hit.at);
    auto fault = request.empty() ? std::nullopt : fault_of_request(request, facts_);
    if (!fault && request.empty()) fault = fault_of_base_url(facts_);
    if (fault) return add(fault->code, fault->certainty, fault->message, hit);
    add("U301", Certainty::likely,
        "There is nothing at this path: the base URL does not fit the protocol.", hit);
    add_others({"M501"}, hit);
  }

  void interpret_model(const Hit& hit) {
    const std::string_view words = text_.lower(text_.lines_around(hit.at));
    if (words.contains("not found for api version")) {
      const std::string_view model = between(words, "models/", " ");
      const bool is_googles = model.empty() || model.starts_with("gem") ||
                              model.starts_with("learnlm") || model.starts_with("text-") ||
                              model.starts_with("imagen") || model.starts_with("veo");
      if (!is_googles && facts_.protocol != "gemini") {
        add("P401", Certainty::likely,
            "Google was asked for a model that is not Google's: the Gemini protocol was chosen, "
            "perhaps because GEMINI_API_KEY is set.",
            hit);
        return add_others({"E101", "M501"}, hit);
      }
    }
    if (is_elsewhere(hit.at)) return;
    const std::string request = request_near(text_, hit.at);
    const auto fault =
        request.empty() || hit.status != 404 ? std::nullopt : fault_of_request(request, facts_);
    if (fault && fault->certainty == Certainty::certain)
      return add(fault->code, fault->certainty, fault->message, hit);
    add("M501", hit.row->certainty, std::string(hit.row->meaning), hit);
  }

  // ---- Programs

  void interpret_program(const Hit& hit) {
    const ErrorText& row = *hit.row;
    const Span span = text_.line_at(hit.at);
    const std::string_view line =
        std::string_view(text_.text()).substr(span.begin, span.end - span.begin);
    if (&row == &program_texts().back() && has_special_cause()) return;
    if (is_other_connection(hit)) return;
    std::string message(row.meaning);
    Certainty certainty = row.certainty;
    if (certainty == Certainty::possible) {
      if (!is_about_models()) return;
      certainty = Certainty::likely;
    }
    if (row.code == "E105") {
      const std::string_view name = variable_of_complaint(line);
      if (!name.empty() && !is_variable_name(name))
        return add("K209", Certainty::certain,
                   "envKey must be the name of a variable; it seems to hold a key.", hit);
      if (!name.empty())
        message = std::string(name) + " is set nowhere where Qwen Code looks for it.";
      if (certainty == Certainty::likely) message = row.meaning;
    }
    if (row.code == "K205") message = character_message(hit).value_or(message);
    if (row.code == "K205" && contains_any(message, {"ellipsis", "bullet"}))
      add("K206", Certainty::likely,
          "The key seems to be a masked or shortened one, as a web page shows it.", hit);
    if (row.code == "U305" && !listens_nowhere_else(hit, message)) return;
    if (row.code == "N704") return unreachable(hit, std::move(message), certainty);
    if (row.code == "N703" && row.certainty != Certainty::certain)
      return web_page(hit, std::move(message));
    add(row.code, certainty, std::move(message), hit);
    add_others(row, hit);
  }

  // Whether the text says why a connection failed, not only that it did: the last row is that.
  bool has_special_cause() const {
    return std::ranges::any_of(hits_, [](const Hit& hit) {
      return hit.is_program && hit.row != &program_texts().back() &&
             (hit.row->code.starts_with("N") || hit.row->code.starts_with("U") ||
              hit.row->code == "K205" || hit.row->code == "M504");
    });
  }

  // "ByteString … index 7 has a value of 8220": the header is "Bearer " and the key.
  std::optional<std::string> character_message(const Hit& hit) const {
    const std::string_view words = text_.lower(text_.lines_around(hit.at));
    auto index = number_behind(words, "at index ");
    if (!index) index = number_behind(words, "in position ");
    if (!index) return std::nullopt;
    const bool has_scheme = facts_.protocol != "gemini" && *index >= 7;
    const unsigned long position = has_scheme ? *index - 7 : *index;
    auto value = number_behind(words, "has a value of ");
    if (!value) value = number_behind(words, "value of ");
    std::string what;
    if (value) {
      what = code_point_name(*value);
    } else {
      const std::string_view quoted = between(words, "encode character '", "'");
      if (!quoted.empty()) what = code_point_name(code_point_at(quoted, 0).value);
    }
    return "Character " + std::to_string(position + 1) + " of the key" +
           (what.empty() ? "" : " is " + what + ":") + (what.empty() ? " is" : "") +
           " none that a key has or a header can carry (index " + std::to_string(*index) +
           " of the header" + (has_scheme ? ", 7 behind its beginning \"Bearer \")." : ").");
  }

  // Whether localhost is at fault, and not the server.
  bool listens_nowhere_else(const Hit& hit, std::string& message) {
    const std::string_view words = text_.lower(text_.lines_around(hit.at));
    if (contains_any(words,
                     {"econnrefused 127.0.0.1", "127.0.0.1:", "connect to 127.0.0.1 port"})) {
      add("N704", Certainty::certain,
          "Nothing listens on this machine at that port, neither at ::1 nor at 127.0.0.1: the "
          "local server is not running.",
          hit);
      return false;
    }
    const std::string address = address_behind(hit.at + std::string_view("econnrefused").size());
    if (address.starts_with("::1"))
      message = "localhost was taken for ::1, and nothing listens at " + address +
                "; the server may listen at 127.0.0.1 only.";
    return true;
  }

  void unreachable(const Hit& hit, std::string message, Certainty certainty) {
    const std::string_view phrase = text_.lower({hit.at, hit.at + hit.size});
    const std::string address = address_behind(hit.at + hit.size);
    if (!address.empty()) message += " It was " + address + ".";
    const std::string_view words = text_.lower(text_.lines_around(hit.at));
    const bool is_refused = phrase.contains("refused");
    const bool is_ipv6 = contains_any(words, {"econnrefused ::1", "[::1]:", "connect to ::1 port"});
    if (is_refused && is_ipv6 && !words.contains("127.0.0.1"))
      return add("N704", Certainty::possible, "The local server may not be running.", hit);
    const Url configured = parse_url(lower_ascii(facts_.base_url));
    const bool is_proxy_port =
        contains_any(words, {"127.0.0.1:7890", "127.0.0.1:7897", "127.0.0.1:1080",
                             "127.0.0.1:10809", "127.0.0.1:8118", "127.0.0.1:3128"});
    const bool is_loopback = contains_any(words, {"econnrefused 127.", "econnrefused ::1"});
    const bool is_remote_meant = !configured.host.empty() && !configured.is_loopback();
    if (is_refused && is_loopback && (is_proxy_port || (is_remote_meant && facts_.has_proxy))) {
      add("N703", Certainty::likely,
          "The proxy on this machine is not running: nothing listens at its port.", hit);
      return add_others({"N704"}, hit);
    }
    add("N704", certainty, std::move(message), hit);
    add_others(*hit.row, hit);
  }

  // "127.0.0.1:11434" or a name behind a place; empty where none stands there.
  std::string address_behind(std::size_t at) const {
    const std::string_view rest = std::string_view(text_.lower()).substr(at);
    const std::size_t begin = rest.starts_with(": ") ? 2 : rest.starts_with(" ") ? 1 : rest.size();
    constexpr std::size_t bytes_max = 260;
    std::size_t end = begin;
    while (end < rest.size() && end - begin < bytes_max && !ends_url(rest[end])) ++end;
    std::string_view address = rest.substr(begin, end - begin);
    while (address.ends_with('.') || address.ends_with(':')) address.remove_suffix(1);
    const bool is_address = address.find_first_of(".:") != std::string_view::npos;
    return is_address ? fit_to_show(address, bytes_max) : std::string();
  }

  void web_page(const Hit& hit, std::string message) {
    const int status = text_.status_near(hit.at);
    if (status == 404) return interpret_path(hit);
    add("N703", Certainty::likely, std::move(message), hit);
    add_others(*hit.row, hit);
  }

  // ---- Statuses alone

  // Those that no words near them explain.
  void statuses_without_words() {
    constexpr std::size_t answer_bytes = 500;
    for (const Hit& alone : alone_) {
      if (alone.is_prose != is_prose_) continue;
      const bool is_explained = std::ranges::any_of(hits_, [&](const Hit& hit) {
        return (hit.is_program || hit.status == alone.status) &&
               distance(hit.at, alone.at) <= answer_bytes;
      });
      const bool is_same = std::ranges::any_of(
          hits_, [&](const Hit& hit) { return !hit.is_program && hit.status == alone.status; });
      if (!is_explained && !is_same) interpret_status(alone);
    }
  }

  void interpret_status(const Hit& hit) {
    if (hit.is_prose != is_prose_ || !is_about_models() || is_elsewhere(hit.at)) return;
    const Certainty certainty = has_sign_ ? Certainty::likely : Certainty::possible;
    static constexpr ErrorText nobodys{.code = "K203"};
    switch (hit.status) {
      case 401:
        return is_other_vendor(hit)
                   ? void()
                   : refuse_by_vendor(hit, certainty, "The provider refused the key.", nobodys);
      case 402:
        return add("Q603", certainty, "The key is good, but the account is not paid for.", hit);
      case 403: return add_others({"M501", "K203"}, hit);
      case 404: return path_or_model(hit);
      case 405: return has_sign_ ? path_or_model(hit) : void();
      case 407: return add("N703", Certainty::certain, "The proxy wants to be authenticated.", hit);
      case 429:
        return add("Q601", certainty,
                   "The key is good, but there were too many requests." + waiting_time(hit.at),
                   hit);
      default: return;
    }
  }

  void path_or_model(const Hit& hit) {
    if (!has_sign_ && facts_.base_url.empty()) return add_others({"U301", "M501"}, hit);
    interpret_path(hit);
  }

  // ---- The end

  // A cause that is as sure as what comes of it stands alone.
  void hide_consequences() {
    static constexpr std::pair<std::string_view, std::string_view> consequences[] = {
        {"K201", "K203"}, {"P402", "E105"}, {"P408", "E105"}, {"F801", "E105"}, {"F801", "P401"},
        {"P401", "E105"}, {"P406", "E105"}, {"K209", "E105"}, {"K205", "N704"}, {"K205", "N703"},
        {"U304", "N704"}, {"N701", "N704"}, {"N703", "N704"}, {"U305", "N704"}, {"K205", "N701"},
        {"N704", "N701"}, {"N704", "N703"}, {"U305", "N703"}, {"U305", "N701"}, {"N701", "N703"},
        {"N703", "N701"}, {"N702", "N701"}, {"M504", "N703"}, {"Q602", "Q601"}, {"K201", "Q601"},
        {"Q603", "Q601"}, {"M502", "M501"}, {"U302", "M501"}, {"U301", "M501"}, {"U302", "U301"},
        {"E105", "K205"}, {"E105", "K203"}};
    const auto find = [&](std::string_view code) {
      return std::ranges::find(meanings_, code, &Meaning::code);
    };
    for (const auto& [cause, consequence] : consequences) {
      const auto first = find(cause), second = find(consequence);
      if (first == meanings_.end() || second == meanings_.end()) continue;
      const bool is_sure = first->certainty >= Certainty::likely;
      const bool is_only_possible = second->certainty == Certainty::possible;
      const bool is_certain_pair = first->certainty >= second->certainty;
      // What is only possible is told beside what is likely; beside what is certain it is noise.
      if (is_only_possible ? first->certainty == Certainty::certain : is_sure && is_certain_pair)
        meanings_.erase(second);
    }
  }

  std::string hint() const {
    if (!known_hint_.empty()) return known_hint_;
    if (server_status_ != 0)
      return "The provider itself failed (" + std::to_string(server_status_) +
             "): this is about neither the key nor the settings. Try again later.";
    if (text_.text().empty()) return "The text is empty.";
    return "Nothing in this text is known. Paste the whole message with its status, such as \"401 "
           "Incorrect API key provided\", or ask the set-up itself: qwen-authctl doctor --probe.";
  }

  PastedText text_;
  const DecodeFacts& facts_;
  std::vector<NamedUrl> urls_;
  std::vector<Hit> hits_, alone_;
  std::vector<Meaning> meanings_;
  bool has_sign_ = false;
  bool is_prose_ = false;  // which hits are being interpreted
  std::string known_hint_;
  int server_status_ = 0;
};

}  // namespace

Decoding decode(std::string_view text, const DecodeFacts& facts) {
  return Decoder(text, facts).take();
}

}  // namespace authd::core
