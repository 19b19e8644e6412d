#include "client/notices.hpp"

#include <unistd.h>

#include "client/characters.hpp"
#include "client/members.hpp"
#include "client/output.hpp"
#include "client/step_view.hpp"

namespace authd::client {

void print_warnings(const Json& warnings) {
  if (!warnings.empty())
    print_lines(STDERR_FILENO, warning_lines(warnings, output_columns(STDERR_FILENO), ""));
}

void offer_repair(const Fault& fault) {
  const std::string diff = printable(text_member(fault.data(), "repair"));
  if (diff.empty()) return;
  std::vector<Line> lines = diff_lines(diff, diff.size() + 2);
  lines.push_back(line("--repair makes this change in the same write."));
  print_lines(STDERR_FILENO, lines);
}

void print_notices(const Outcome<Json>& result, bool json) {
  if (result)
    print_warnings(list_member(*result, "warnings"));
  else if (!json)
    offer_repair(result.error());
}

}  // namespace authd::client
