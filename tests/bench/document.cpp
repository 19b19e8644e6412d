// What the document costs beside a plain parse of the same bytes, from 10 KB to 30 MB.
#include "tests/bench/document.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "daemon/core/jsonc.hpp"
#include "tests/bench/process.hpp"

namespace authd::bench {
namespace {

// Without comments, which a plain parser would refuse.
std::string sample(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 512);
  text += "{\n  \"$version\": 4,\n  \"env\": {\"KEY\": \"value\"},\n  \"mcpServers\": {\n";
  for (int i = 0; text.size() < bytes; ++i)
    text += "    \"server" + std::to_string(i) +
            "\": {\"command\": \"npx\", \"args\": [\"-y\", \"tool\"], \"timeout\": 30000, "
            "\"trust\": false},\n";
  return text + "    \"last\": {}\n  },\n  \"model\": {\"name\": \"a\"}\n}\n";
}

// Parse, edit three members (one stands in front, one is new, one stands at the end), serialise.
std::size_t edit_document(std::string text) {
  const auto document = core::Jsonc::parse(std::move(text)).value();
  core::Jsonc::Edit edit(document);
  edit.set(std::vector<std::string>{"env", "KEY"}, {"another"}).value();
  edit.set(std::vector<std::string>{"mcpServers", "new"}, {OrderedJson{{"command", "npx"}}})
      .value();
  edit.set(std::vector<std::string>{"model", "name"}, {"b"}).value();
  return edit.apply().value().text().size();
}

std::size_t parse_plainly(const std::string& text) { return Json::parse(text).size(); }

double timed(const std::function<void()>& work) {
  const auto begun = Clock::now();
  work();
  return microseconds(Clock::now() - begun);
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// By how much `work` raises the peak of a process that holds the text and has done nothing else.
long growth_kib(std::size_t bytes, const std::function<void(const std::string&)>& work) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = sample(bytes);
    const long before = peak_kib();
    work(text);
    const long growth = peak_kib() - before;
    _exit(write(ends[1], &growth, sizeof growth) == sizeof growth ? 0 : 1);
  }
  long growth = 0;
  if (read(ends[0], &growth, sizeof growth) != sizeof growth) std::perror("read");
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  return growth;
}

void document_of(std::size_t bytes) {
  const long our_memory = growth_kib(bytes, [](const std::string& text) { edit_document(text); });
  const long plain_memory = growth_kib(bytes, [](const std::string& text) { parse_plainly(text); });
  const std::string text = sample(bytes);
  std::vector<double> ours, plain;
  const std::size_t rounds = std::clamp<std::size_t>(100'000'000 / bytes, 7, 1000);
  for (std::size_t i = 0; i < rounds; ++i) {  // interleaved, so that both meet the same weather
    std::string copy = text;
    plain.push_back(timed([&] { parse_plainly(text); }));
    ours.push_back(timed([&] { edit_document(std::move(copy)); }));
  }
  const double our_p50 = quantile(ours, 0.5), plain_p50 = quantile(plain, 0.5);
  const double megabytes = static_cast<double>(bytes) / 1e6;
  std::printf(
      "document    %8.2f MB: plain parse %9.0f us, %6.1f MiB | parse, three edits, text %9.0f us "
      "(%5.1f ms/MB), %6.1f MiB | ratio of time %.2f (at most 3)\n",
      megabytes, plain_p50, static_cast<double>(plain_memory) / 1024, our_p50,
      our_p50 / 1000 / megabytes, static_cast<double>(our_memory) / 1024, our_p50 / plain_p50);
}

// Many edits of one document: as many as it has members, in one batch.
void batch_of(int members) {
  std::string text = "{\n";
  for (int i = 0; i < members; ++i)
    text += "  \"member" + std::to_string(i) + "\": " + std::to_string(i) + ",\n";
  const auto before = core::Jsonc::parse(text + "  \"last\": null\n}\n").value();
  const auto nodes = before.children(before.root());
  const double time = timed([&] {
    core::Jsonc::Edit edit(before);
    for (int i = 0; i < members; ++i) {
      const std::string name = (i % 3 == 1 ? "new" : "member") + std::to_string(i);
      if (i % 3 == 2)
        edit.remove(nodes[static_cast<std::size_t>(i)]);
      else
        edit.set(std::vector<std::string>{name}, {-i}).value();
    }
    edit.apply().value();
  });
  std::printf("document    %8d edits of an object of as many members: %9.0f us, %.2f us an edit\n",
              members, time, time / members);
}

}  // namespace

void document() {
  for (const std::size_t bytes : {10'000, 100'000, 1'000'000, 10'000'000, 30'000'000})
    document_of(bytes);
  for (const int members : {2'600, 26'000, 260'000}) batch_of(members);
}

}  // namespace authd::bench
