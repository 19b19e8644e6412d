#include "client/answers.hpp"

#include <array>

#include "client/members.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

struct Row {
  Question question;
  std::string_view kind;
  std::string_view id_end;
  std::string_view option;
};

constexpr std::array<Row, 6> rows{{
    {Question::region, "select", "region-select", "--region"},
    {Question::protocol, "select", "protocol-select", "--protocol"},
    {Question::base_url, "text", "base-url-input", "--base-url"},
    {Question::key, "secret", "api-key-input", "--key-stdin"},
    {Question::models, "text", "model-id-input", "--model"},
    {Question::models, "select", "switch-select", "--model"},
}};

}  // namespace

Question question_of(const Json& step) {
  const std::string id = text_member(step, "id"), kind = text_member(step, "kind");
  for (const Row& row : rows)
    if (kind == row.kind && id.ends_with(row.id_end)) return row.question;
  return Question::other;
}

std::string option_of(Question question) {
  for (const Row& row : rows)
    if (row.question == question) return std::string(row.option);
  return {};
}

void Answers::give(Question question, Secret value) {
  if (!value.empty()) values_.insert_or_assign(question, std::move(value));
}

std::optional<Secret> Answers::take(const Json& step) {
  auto found = values_.extract(question_of(step));
  if (!found) return std::nullopt;
  return std::move(found.mapped());
}

std::vector<std::string> Answers::left() const {
  std::vector<std::string> options;
  for (const auto& [question, value] : values_) options.push_back(option_of(question));
  return options;
}

Answers Answers::clone() const {
  Answers copy;
  for (const auto& [question, value] : values_) copy.give(question, value.clone());
  return copy;
}

std::unexpected<Fault> answers_nothing(const std::vector<std::string>& options) {
  return usage("This flow has no step that " + alternatives(options) + " would answer.",
               "Leave it out; nothing was saved.");
}

}  // namespace authd::client
