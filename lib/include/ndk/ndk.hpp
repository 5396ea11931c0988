// SPDX-License-Identifier: MIT
/// @file
/// All of libndk.
#pragma once

#include <ndk/adapter.hpp>
#include <ndk/address.hpp>
#include <ndk/async.hpp>
#include <ndk/completion_queue.hpp>
#include <ndk/connector.hpp>
#include <ndk/error.hpp>
#include <ndk/flags.hpp>
#include <ndk/listener.hpp>
#include <ndk/logical_address_mapping.hpp>
#include <ndk/memory.hpp>
#include <ndk/memory_region.hpp>
#include <ndk/protection_domain.hpp>
#include <ndk/queue_pair.hpp>
#include <ndk/session.hpp>
#include <ndk/status.hpp>
#include <ndk/system_calls.hpp>
