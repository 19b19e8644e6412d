#include "daemon/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "daemon/core/redact.hpp"

namespace authd {
namespace {

constexpr std::size_t file_bytes_max = 1024 * 1024;
constexpr std::size_t line_bytes_max = 4096;

// syslog's priorities, which journald reads off the beginning of a line.
class JournalPriority final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const int priority = message.level >= spdlog::level::err    ? 3
                         : message.level == spdlog::level::warn ? 4
                         : message.level == spdlog::level::info ? 6
                                                                : 7;
    const std::string text = "<" + std::to_string(priority) + ">";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalPriority>();
  }
};

// JOURNAL_STREAM is inherited by children whose stderr goes elsewhere, so that it is compared.
bool stderr_is_the_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat st {};
  if (!stream || fstat(STDERR_FILENO, &st) != 0) return false;
  return std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino) == stream;
}

std::string safe(std::string_view text) {
  return core::without_credentials(core::printable(text, line_bytes_max));
}

}  // namespace

Log::Log(const std::string& level, const std::string& file) {
  if (file.empty())
    logger_ = std::make_shared<spdlog::logger>("qwen-authd",
                                               std::make_shared<spdlog::sinks::stderr_sink_mt>());
  else
    logger_ = std::make_shared<spdlog::logger>(
        "qwen-authd",
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file, file_bytes_max, 1));
  if (file.empty() && stderr_is_the_journal()) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<JournalPriority>('*').set_pattern("%*%v");
    logger_->set_formatter(std::move(formatter));
  } else {
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
  }
  logger_->set_level(spdlog::level::from_str(level == "warn" ? "warning" : level));
  logger_->flush_on(spdlog::level::info);
}

Log::~Log() = default;

void Log::info(std::string_view text) const { logger_->info("{}", safe(text)); }
void Log::warn(std::string_view text) const { logger_->warn("{}", safe(text)); }

}  // namespace authd
