// Every bound in one place. Each has a row in docs/PROTOCOL.md, which a test compares with this.
#pragma once

#include <cstddef>

namespace authd::limits {

inline constexpr std::size_t message_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t header_bytes_max = 8 * 1024;
inline constexpr std::size_t depth_max = 64;
inline constexpr std::size_t batch_max = 10'000;
inline constexpr std::size_t connections_max = 512;
inline constexpr std::size_t requests_in_flight_max = 512;           // per connection
inline constexpr std::size_t outbound_bytes_max = 16 * 1024 * 1024;  // unread, per connection
inline constexpr std::size_t sessions_max = 256;
inline constexpr std::size_t session_idle_s = 3600;
inline constexpr std::size_t probes_max = 512;
inline constexpr std::size_t settings_bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t dotenv_bytes_max = 1024 * 1024;
inline constexpr std::size_t snapshots_max = 4096;
inline constexpr std::size_t history_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t text_input_bytes_max = 16 * 1024;
inline constexpr std::size_t base_url_bytes_max = 2048;
inline constexpr std::size_t model_ids_max = 256;
inline constexpr std::size_t response_bytes_max = 1024 * 1024;
inline constexpr std::size_t responses_bytes_max = 64 * 1024 * 1024;  // of all at once
inline constexpr std::size_t response_header_bytes_max = 64 * 1024;
inline constexpr std::size_t response_headers_max = 256;
inline constexpr std::size_t check_timeout_ms = 8'000;
inline constexpr std::size_t check_timeout_with_progress_ms = 60'000;
inline constexpr std::size_t connect_timeout_ms = 5'000;
inline constexpr std::size_t key_commands_max = 256;
inline constexpr std::size_t key_file_bytes_max = 1024 * 1024;
inline constexpr std::size_t key_runs_max = 4;
inline constexpr std::size_t key_timeout_ms = 30'000;
inline constexpr std::size_t key_timeout_max_ms = 120'000;
inline constexpr std::size_t key_lifetime_ms = 900'000;
inline constexpr std::size_t key_lifetime_max_ms = 86'400'000;
inline constexpr std::size_t key_output_bytes_max = 64 * 1024;
inline constexpr std::size_t key_complaint_bytes_max = 8 * 1024;  // of its standard error
inline constexpr std::size_t key_kill_grace_ms = 200;             // from SIGTERM to SIGKILL
inline constexpr std::size_t fixes_max = 1024;                    // that the doctor offered
inline constexpr std::size_t fix_lifetime_s = 3600;
inline constexpr std::size_t syncs_max = 16;
inline constexpr std::size_t sync_timeout_ms = 5'000;
inline constexpr std::size_t shutdown_grace_ms = 1'200;  // for answers
inline constexpr std::size_t settings_grace_ms = 600;    // then for the settings thread
inline constexpr std::size_t socket_path_bytes_max = 107;

}  // namespace authd::limits
