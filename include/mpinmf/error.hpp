// Errors of mpinmf: what went wrong, and the exit code that a program should leave with.
#pragma once

#include <stdexcept>
#include <string>

namespace mpinmf {

/// Exit codes of the program; a library user finds the code in Error::exit_code().
enum class ExitCode : int {
  done = 0,
  usage = 2,     ///< an option, a name or a call is wrong
  bad_data = 3,  ///< a matrix is malformed, negative, not finite, or of the wrong shape
  system = 4,    ///< a file, a disk, the memory or MPI refused
  stopped = 75,  ///< a signal or the end of a job stopped the run in good order: run it again with --resume
};

enum class ErrorKind : int { usage, bad_data, system, not_fitted, shape_mismatch, stopped };

/// Base of everything mpinmf throws. An error that "has met" is thrown by every rank of the
/// communicator with the same text, so that all of them can leave together; one that has not met is
/// known to one rank only (see Comm::meet).
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }
  ExitCode exit_code() const {
    switch (kind_) {
      case ErrorKind::usage:
      case ErrorKind::not_fitted: return ExitCode::usage;
      case ErrorKind::bad_data:
      case ErrorKind::shape_mismatch: return ExitCode::bad_data;
      case ErrorKind::stopped: return ExitCode::stopped;
      case ErrorKind::system: break;
    }
    return ExitCode::system;
  }
  bool has_met() const { return met_; }
  void set_met() { met_ = true; }

 private:
  ErrorKind kind_;
  bool met_ = false;
};

/// A wrong option, an unknown loss, rule or start: the message lists the known ones.
struct UsageError : Error {
  explicit UsageError(const std::string& message) : Error(ErrorKind::usage, message) {}
};
/// A malformed file, a negative or non-finite entry: the message names file and place.
struct BadData : Error {
  explicit BadData(const std::string& message) : Error(ErrorKind::bad_data, message) {}
};
/// A file that cannot be opened, a full disk, too little memory, a failing MPI call.
struct SystemError : Error {
  explicit SystemError(const std::string& message) : Error(ErrorKind::system, message) {}
};
/// A result was asked for before fit.
struct NotFitted : Error {
  explicit NotFitted(const std::string& message) : Error(ErrorKind::not_fitted, message) {}
};
/// Two matrices do not fit together: the message names both sizes.
struct ShapeMismatch : Error {
  explicit ShapeMismatch(const std::string& message) : Error(ErrorKind::shape_mismatch, message) {}
};

/// Not a fault: the run was asked to stop, and has left what it has found. The message says where.
struct Stopped : Error {
  explicit Stopped(const std::string& message) : Error(ErrorKind::stopped, message) {}
};

/// Throws the error of the given kind, for ranks that learn of another rank's error.
[[noreturn]] inline void throw_error(ErrorKind kind, const std::string& message, bool met) {
  auto raise = [&](auto error) {
    if (met) error.set_met();
    throw error;
  };
  switch (kind) {
    case ErrorKind::usage: raise(UsageError(message)); break;
    case ErrorKind::bad_data: raise(BadData(message)); break;
    case ErrorKind::not_fitted: raise(NotFitted(message)); break;
    case ErrorKind::shape_mismatch: raise(ShapeMismatch(message)); break;
    case ErrorKind::stopped: raise(Stopped(message)); break;
    case ErrorKind::system: break;
  }
  auto error = SystemError(message);
  if (met) error.set_met();
  throw error;
}

}  // namespace mpinmf
