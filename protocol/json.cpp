#include "protocol/json.hpp"

#include <vector>

namespace authd {
namespace {

// Builds the value while counting depth, because nlohmann's own DOM parser has no bound and a
// deep value overflows the stack later, when it is copied, compared or written.
class BoundedBuilder {
 public:
  explicit BoundedBuilder(const ParseJson& options) : options_(options) { open_.reserve(8); }

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(Json::number_integer_t value) { return put(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return put(value); }
  bool number_float(Json::number_float_t value, const std::string& text) {
    if (options_.exact_id_depth != 0 && open_.size() == options_.exact_id_depth && key_ == "id")
      return put(Json::binary({text.begin(), text.end()}));
    return put(value);
  }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(Json::binary_t& value) { return put(std::move(value)); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  // `read` counts the bytes up to and with the one at fault, or one more at the end of the text.
  bool parse_error(std::size_t read, const std::string&, const nlohmann::detail::exception&) {
    if (options_.fault_at != nullptr) *options_.fault_at = read > 0 ? read - 1 : 0;
    return false;
  }

  Json take() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }

 private:
  template <class T>
  Json* place(T&& value) {
    if (open_.empty()) {
      root_ = std::forward<T>(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::forward<T>(value));
      return &parent.back();
    }
    Json& slot = parent[std::move(key_)];
    slot = std::forward<T>(value);
    return &slot;
  }
  template <class T>
  bool put(T&& value) {
    place(std::forward<T>(value));
    return true;
  }
  bool open(Json container) {
    if (open_.size() >= options_.depth_max) {
      too_deep_ = true;
      return false;
    }
    open_.push_back(place(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    key_.clear();
    return true;
  }

  const ParseJson options_;
  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  bool too_deep_ = false;
};

template <class J>
std::string dump_text(const J& value) {
  return value.dump(-1, ' ', false, J::error_handler_t::replace);
}

}  // namespace

std::expected<Json, JsonFault> parse_json(std::string_view text, const ParseJson& options) {
  BoundedBuilder builder(options);
  const bool parsed =
      Json::sax_parse(text.begin(), text.end(), &builder, nlohmann::detail::input_format_t::json,
                      true, options.comments);
  if (builder.too_deep()) return std::unexpected(JsonFault::too_deep);
  if (!parsed) return std::unexpected(JsonFault::syntax);
  return builder.take();
}

std::string dump(const Json& value) { return dump_text(value); }
std::string dump(const OrderedJson& value) { return dump_text(value); }
std::string quote(std::string_view text) { return dump(Json(text)); }

}  // namespace authd
