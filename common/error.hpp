#pragma once
#include <stdexcept>
#include <string>

namespace octet {

// What a user can mend: one line, shown as it is. Exit status 2 for bad use of the command line,
// 1 for everything else (a bad file, a full disk, a check that failed).
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, int exit_status = 1)
      : std::runtime_error(message), exit_status_(exit_status) {}
  [[nodiscard]] int exit_status() const { return exit_status_; }

 private:
  int exit_status_;
};

// "file: field: found X, expected Y"; an empty field is left out.
[[nodiscard]] Error input_error(const std::string& file, const std::string& field,
                                const std::string& found, const std::string& expected);
[[nodiscard]] Error usage_error(const std::string& option, const std::string& found,
                                const std::string& expected);

}  // namespace octet
