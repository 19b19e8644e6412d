// Parameters declared once: the list of fields of a message decodes it, names what is wrong in it,
// and describes it in the OpenRPC document.
//
//   struct WizardBack {
//     std::string session_id;
//     static auto fields() {
//       return std::tuple{required("sessionId", &WizardBack::session_id, "from wizard.start")};
//     }
//   };
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "protocol/result.hpp"
#include "protocol/secret.hpp"

namespace authd {

template <class Message, class Value>
struct Field {
  const char* name;
  Value Message::*member;
  const char* summary;
  bool is_required;
  std::vector<std::string> one_of = {};  // for strings: the values that are allowed
};

template <class M, class V>
Field<M, V> required(const char* name, V M::*member, const char* summary) {
  return {name, member, summary, true};
}
template <class M, class V>
Field<M, V> required(const char* name, V M::*member, const char* summary,
                     std::vector<std::string> one_of) {
  return {name, member, summary, true, std::move(one_of)};
}
template <class M, class V>
Field<M, V> optional(const char* name, V M::*member, const char* summary,
                     std::vector<std::string> one_of = {}) {
  return {name, member, summary, false, std::move(one_of)};
}

// A member of a settings file, as it is written ("model.name") or name by name (["model", "name"]).
struct SettingsPath {
  std::string text;
  std::vector<std::string> names;  // where it came name by name
};

// A configured model: its id alone, or {protocol?, id, baseUrl?}.
struct ModelChoice {
  std::string protocol, id, base_url;
};

namespace fields_detail {

inline std::unexpected<Error> expected(const std::string& path, const std::string& what) {
  return std::unexpected(Error{ErrorKind::invalid_params, path + ": expected " + what, path});
}

template <class T>
concept HasFields = requires {
  T::fields();
};

inline Result<void> read(const Json& json, const std::string& path, std::string& out) {
  if (!json.is_string()) return expected(path, "a string");
  out = json.get_ref<const std::string&>();
  return {};
}
inline Result<void> read(const Json& json, const std::string& path, Secret& out) {
  if (!json.is_string()) return expected(path, "a string");
  out = Secret(std::string_view(json.get_ref<const std::string&>()));
  return {};
}
inline Result<void> read(const Json& json, const std::string& path, bool& out) {
  if (!json.is_boolean()) return expected(path, "true or false");
  out = json.get<bool>();
  return {};
}
inline Result<void> read(const Json& json, const std::string& path, std::size_t& out) {
  if (!json.is_number_unsigned()) return expected(path, "a whole number that is not negative");
  out = json.get<std::size_t>();
  return {};
}
inline Result<void> read(const Json& json, const std::string&, Json& out) {
  out = json;
  return {};
}
inline Result<void> read(const Json& json, const std::string& path, SettingsPath& out) {
  const auto wrong = [&] { return expected(path, "\"model.name\" or [\"model\", \"name\"]"); };
  if (json.is_string()) {
    out.text = json.get_ref<const std::string&>();
    if (out.text.empty()) return wrong();
    return {};
  }
  if (!json.is_array() || json.empty()) return wrong();
  for (const Json& name : json) {
    if (!name.is_string()) return wrong();
    out.names.push_back(name.get_ref<const std::string&>());
  }
  return {};
}
inline Result<void> read(const Json& json, const std::string& path, ModelChoice& out) {
  if (json.is_string()) return read(json, path, out.id);
  if (!json.is_object()) return expected(path, "a model's id, or {protocol?, id, baseUrl?}");
  if (!json.contains("id")) return expected(path + ".id", "a value, it is required");
  for (const auto& [name, member] :
       {std::pair{"protocol", &out.protocol}, {"id", &out.id}, {"baseUrl", &out.base_url}})
    if (const auto found = json.find(name); found != json.end() && !found->is_null())
      if (auto ok = read(*found, path + "." + name, *member); !ok) return ok;
  return {};
}
template <HasFields T>
Result<void> read(const Json& json, const std::string& path, T& out);
// A member's name in an error: only what can be the name of a variable, because anything else is
// the client's own text and may be a key that was put into the wrong place.
inline std::string shown_name(const std::string& name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return name.size() <= 64 && std::all_of(name.begin(), name.end(), is_word) ? name : "*";
}
template <class T>
Result<void> read(const Json& json, const std::string& path, std::vector<T>& out) {
  if (!json.is_array()) return expected(path, "an array");
  out.resize(json.size());
  for (std::size_t i = 0; i < json.size(); ++i)
    if (auto ok = read(json[i], path + "[" + std::to_string(i) + "]", out[i]); !ok) return ok;
  return {};
}
template <class T>
Result<void> read(const Json& json, const std::string& path, std::map<std::string, T>& out) {
  if (!json.is_object()) return expected(path, "an object");
  for (const auto& [name, value] : json.items())
    if (auto ok = read(value, path + "." + shown_name(name), out[name]); !ok) return ok;
  return {};
}
template <class T>
Result<void> read(const Json& json, const std::string& path, std::optional<T>& out) {
  return read(json, path, out.emplace());
}
template <class M, class V>
Result<void> read_field(const Json& object, const std::string& path, const Field<M, V>& field,
                        M& out) {
  const std::string field_path = path + "." + field.name;
  const auto found = object.find(field.name);
  if (found == object.end() || found->is_null()) {
    if (field.is_required) return expected(field_path, "a value, it is required");
    return {};
  }
  if (auto ok = read(*found, field_path, out.*field.member); !ok) return ok;
  if constexpr (std::is_same_v<V, std::string>) {
    if (field.one_of.empty()) return {};
    std::string names;
    for (const auto& name : field.one_of) {
      if (name == out.*field.member) return {};
      names += (names.empty() ? "" : ", ") + name;
    }
    return expected(field_path, "one of " + names);
  }
  return {};
}
// Where a message is closed, a member that is not declared is an error.
template <HasFields T>
Result<void> refuse_unknown(const Json& object, const std::string& path) {
  for (const auto& [name, value] : object.items()) {
    const bool known = std::apply(
        [&](const auto&... field) { return ((name == field.name) || ...); }, T::fields());
    if (!known) return expected(path, "no member " + shown_name(name));
  }
  return {};
}
template <HasFields T>
Result<void> read(const Json& json, const std::string& path, T& out) {
  if (!json.is_object()) return expected(path, "an object");
  if constexpr (requires { T::is_closed; })
    if (auto ok = refuse_unknown<T>(json, path); !ok) return ok;
  Result<void> result{};
  std::apply(
      [&](const auto&... field) {
        static_cast<void>(
            ((result = read_field(json, path, field, out), result.has_value()) && ...));
      },
      T::fields());
  return result;
}

inline Json schema_of(const std::string&) { return {{"type", "string"}}; }
inline Json schema_of(const Secret&) { return {{"type", "string"}}; }
inline Json schema_of(const bool&) { return {{"type", "boolean"}}; }
inline Json schema_of(const std::size_t&) { return {{"type", "integer"}, {"minimum", 0}}; }
inline Json schema_of(const Json&) { return Json::object(); }
inline Json schema_of(const SettingsPath&) {
  return {{"oneOf", {{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}}}};
}
inline Json schema_of(const ModelChoice&) {
  const Json text = {{"type", "string"}};
  return {{"oneOf",
           {text,
            {{"type", "object"},
             {"properties", {{"protocol", text}, {"id", text}, {"baseUrl", text}}},
             {"required", Json::array({"id"})}}}}};
}
template <HasFields T>
Json schema_of(const T&);
template <class T>
Json schema_of(const std::vector<T>&) {
  return {{"type", "array"}, {"items", schema_of(T())}};
}
template <class T>
Json schema_of(const std::map<std::string, T>&) {
  return {{"type", "object"}, {"additionalProperties", schema_of(T())}};
}
template <class T>
Json schema_of(const std::optional<T>&) {
  return schema_of(T());
}
template <class M, class V>
Json schema_of_field(const Field<M, V>& field) {
  Json schema = schema_of(V());
  if (!field.one_of.empty()) schema["enum"] = field.one_of;
  schema["description"] = field.summary;
  return schema;
}
template <HasFields T>
Json schema_of(const T&) {
  Json properties = Json::object(), names = Json::array();
  std::apply(
      [&](const auto&... field) {
        ((properties[field.name] = schema_of_field(field),
          field.is_required ? names.push_back(field.name) : void()),
         ...);
      },
      T::fields());
  Json schema = {{"type", "object"}, {"properties", std::move(properties)}};
  if (!names.empty()) schema["required"] = std::move(names);
  if constexpr (requires { T::is_closed; }) schema["additionalProperties"] = false;
  return schema;
}

}  // namespace fields_detail

// Decodes params given by name or, in declared order, by position. Unknown members are ignored,
// so that clients may send more than we know. Errors are invalid_params and name the path.
template <class T>
Result<T> decode(const Json& params) {
  T message;
  if (params.is_array()) {
    Json by_name = Json::object();
    std::size_t position = 0;
    std::apply(
        [&](const auto&... field) {
          ((position < params.size() ? void(by_name[field.name] = params[position++]) : void()),
           ...);
        },
        T::fields());
    if (position < params.size())
      return fail(ErrorKind::invalid_params,
                  "params: expected at most " + std::to_string(position) + " values", "params");
    if (auto ok = fields_detail::read(by_name, "params", message); !ok)
      return std::unexpected(ok.error());
    return message;
  }
  const Json none = Json::object();
  if (auto ok = fields_detail::read(params.is_null() ? none : params, "params", message); !ok)
    return std::unexpected(ok.error());
  return message;
}

// The `params` array of an OpenRPC method object: required ones first, as the format demands.
template <class T>
Json openrpc_params() {
  Json first = Json::array(), later = Json::array();
  std::apply(
      [&](const auto&... field) {
        (((field.is_required ? first : later)
              .push_back({{"name", field.name},
                          {"required", field.is_required},
                          {"schema", fields_detail::schema_of_field(field)}})),
         ...);
      },
      T::fields());
  first.insert(first.end(), later.begin(), later.end());
  return first;
}

}  // namespace authd
