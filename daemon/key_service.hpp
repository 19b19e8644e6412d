// keys.*: the commands that print keys. Io thread only; keys.json is read and written on the
// settings thread.
#pragma once

#include "daemon/rpc/dispatcher.hpp"
#include "daemon/services.hpp"
#include "protocol/key_messages.hpp"

namespace authd {

class KeyService {
 public:
  explicit KeyService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  void list(rpc::Request request);
  void set(KeysSet params, rpc::Request request);
  void remove(KeysRemove params, rpc::Request request);
  void run(KeysRun params, rpc::Request request);
  Result<Json> forget(const KeysForget& params);
  // Carries out a change of keys.json and answers with {name, path, changed}.
  void change(const std::string& name, std::function<Result<bool>(const std::string& path)> edit,
              rpc::Request request);

  Services& services_;
};

}  // namespace authd
