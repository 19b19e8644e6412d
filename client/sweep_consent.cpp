#include "client/sweep_consent.hpp"

#include <unistd.h>

#include <algorithm>

#include "client/asking.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/standard_input.hpp"

namespace authd::client {
namespace {

// Each once.
std::vector<std::string> sibling_hosts(const Json& answer) {
  std::vector<std::string> hosts;
  for (const Json& sibling : list_member(answer, "siblings"))
    if (const std::string host = text_member(sibling, "host");
        !host.empty() && std::ranges::find(hosts, host) == hosts.end())
      hosts.push_back(host);
  return hosts;
}

}  // namespace

Outcome<std::vector<std::string>> consented_siblings(const Arguments& arguments, const Json& answer,
                                                     bool yes, const std::vector<Line>& so_far,
                                                     SignalInbox& signals) {
  std::vector<std::string> hosts = sibling_hosts(answer);
  if (hosts.empty() || yes) return hosts;
  if (!on_terminal(arguments)) return std::vector<std::string>();
  print_lines(STDOUT_FILENO, so_far);
  std::vector<Line> lines{line("The same key can be tried at the vendor's other endpoints:")};
  for (const Json& sibling : list_member(answer, "siblings"))
    lines.push_back(line("  " + shown(sibling, "host") + " (" + shown(sibling, "label") + ")"));
  print_lines(STDOUT_FILENO, lines);
  const auto sure = confirmed("Send the key to them?", signals);
  if (!sure) return std::unexpected(sure.error());
  return *sure ? hosts : std::vector<std::string>();
}

Outcome<std::vector<std::string>> consented_hosts(const Arguments& arguments,
                                                  std::string_view message, const Json& lacking,
                                                  SignalInbox& signals) {
  const std::vector<std::string> hosts = texts_member(lacking, "hosts");
  if (hosts.empty() || !on_terminal(arguments)) return std::vector<std::string>();
  print_lines(STDOUT_FILENO, wrapped_after(line("⚠ ", Tone::warning), printable_line(message),
                                           output_columns(STDOUT_FILENO)));
  std::string question = "Send the key to " + printable_line(joined(hosts, ", ")) + "?";
  const auto sure = confirmed(question, signals);
  if (!sure) return std::unexpected(sure.error());
  return *sure ? hosts : std::vector<std::string>();
}

}  // namespace authd::client
