// What a person is told: one trouble, or its end, in plain words with the command to type next. A value; any
// thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"

namespace mailchute {

enum class AlertEvent {
  LoginRefused,   ///< A provider refuses the credential.
  UpstreamDown,   ///< A provider has not worked for some time.
  Certificate,    ///< A provider cannot prove its name, or our roots cannot be loaded.
  Secret,         ///< We cannot read the secret, or not present it.
  QuotaHeld,      ///< A provider wants less mail: it is held back for some time.
  OldestMessage,  ///< Mail has waited for long.
  DiskReserve,    ///< The disk is nearly full: apps are told to come again.
  QueueFull,      ///< The queue holds as much as it may: the same.
  StoreBroken,    ///< The queue's file cannot be written any more.
  MessageUntold,  ///< A message failed for good, and its sender could not be told.
  ProviderAsks,   ///< A provider said something that a person should act upon.
};

enum class Severity { Error, Warning, Notice };

/// `login_refused`, `upstream_down`, ...: the word in JSON and in the log.
const char* event_name(AlertEvent event);

/// `error`, `warning`, `notice`.
const char* severity_name(Severity severity);

struct AlertNews {
  AlertEvent event = AlertEvent::UpstreamDown;
  Severity severity = Severity::Error;  ///< Notice when it is over.
  std::string upstream;                 ///< Empty where none is meant.
  WallTime at{};                        ///< When this was said.
  WallTime since{};                     ///< When the trouble began, as far as we saw it.
  std::string summary;                  ///< One line of plain words.
  std::string detail;     ///< What a peer or the system said of it, safe to print; may be empty.
  std::string next;       ///< The command to type.
  std::size_t count = 1;  ///< How often it was seen since it began.
  enum class State { Open, Over } state = State::Open;
};

/// The event as one JSON object (RFC 8259), one line without an end. `host` is this machine's name.
std::string to_json(const AlertNews& alert, const std::string& host);

}  // namespace mailchute
