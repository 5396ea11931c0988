// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every dispatch table, nothing else: the whole interface on one page.
 *
 * A parent's table names its children's create functions; no other file sees
 * both. There are no tables for memory windows, shared receive queues and
 * shared endpoints, because none can be created yet.
 */
#include "adapter.h"
#include "connector.h"
#include "cq.h"
#include "dispatch.h"
#include "endpoint.h"
#include "extension.h"
#include "lam.h"
#include "listener.h"
#include "mr.h"
#include "mw.h"
#include "object.h"
#include "pd.h"
#include "qp.h"
#include "srq.h"

const NDK_ADAPTER_DISPATCH ndk_adapter_dispatch = {
	.NdkQueryExtension = ndk_query_extension,
	.NdkQueryAdapterInfo = ndk_query_adapter_info,
	.NdkCreateCq = ndk_create_cq,
	.NdkCreatePd = ndk_create_pd,
	.NdkCreateSharedEndpoint = ndk_create_shared_endpoint,
	.NdkCreateConnector = ndk_create_connector,
	.NdkCreateListener = ndk_create_listener,
	.NdkBuildLAM = ndk_build_lam,
	.NdkReleaseLAM = ndk_release_lam,
};

const NDK_PD_DISPATCH ndk_pd_dispatch = {
	.NdkClosePd = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkCreateMr = ndk_create_mr,
	.NdkCreateMw = ndk_create_mw,
	.NdkCreateSrq = ndk_create_srq,
	.NdkCreateQp = ndk_create_qp,
	.NdkCreateQpWithSrq = ndk_create_qp_with_srq,
	.NdkGetPrivilegedMemoryRegionToken =
		ndk_get_privileged_memory_region_token,
};

const NDK_CQ_DISPATCH ndk_cq_dispatch = {
	.NdkCloseCq = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkResizeCq = ndk_resize_cq,
	.NdkArmCq = ndk_arm_cq,
	.NdkGetCqResults = ndk_get_cq_results,
	.NdkControlCqInterruptModeration = ndk_control_cq_interrupt_moderation,
	.NdkGetCqResultsEx = ndk_get_cq_results_ex,
};

const NDK_QP_DISPATCH ndk_qp_dispatch = {
	.NdkCloseQp = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkFlush = ndk_flush,
	.NdkSend = ndk_send,
	.NdkReceive = ndk_receive,
	.NdkBind = ndk_bind,
	.NdkFastRegister = ndk_fast_register,
	.NdkInvalidate = ndk_invalidate,
	.NdkRead = ndk_read,
	.NdkWrite = ndk_write,
	.NdkSendAndInvalidate = ndk_send_and_invalidate,
};

const NDK_MR_DISPATCH ndk_mr_dispatch = {
	.NdkCloseMr = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkRegisterMr = ndk_register_mr,
	.NdkDeregisterMr = ndk_deregister_mr,
	.NdkInitializeFastRegisterMr = ndk_initialize_fast_register_mr,
	.NdkGetRemoteTokenFromMr = ndk_get_remote_token_from_mr,
	.NdkGetLocalTokenFromMr = ndk_get_local_token_from_mr,
};

const NDK_LISTENER_DISPATCH ndk_listener_dispatch = {
	.NdkCloseListener = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkListen = ndk_listen,
	.NdkGetLocalAddress = ndk_get_listener_local_address,
	.NdkControlConnectEvents = ndk_control_connect_events,
};

const NDK_CONNECTOR_DISPATCH ndk_connector_dispatch = {
	.NdkCloseConnector = ndk_object_close,
	.NdkQueryExtension = ndk_query_extension,
	.NdkConnect = ndk_connect,
	.NdkConnectWithSharedEndpoint = ndk_connect_with_shared_endpoint,
	.NdkCompleteConnect = ndk_complete_connect,
	.NdkAccept = ndk_accept,
	.NdkReject = ndk_reject,
	.NdkGetConnectionData = ndk_get_connection_data,
	.NdkGetLocalAddress = ndk_get_local_address,
	.NdkGetPeerAddress = ndk_get_peer_address,
	.NdkDisconnect = ndk_disconnect,
	.NdkCompleteConnectEx = ndk_complete_connect_ex,
	.NdkAcceptEx = ndk_accept_ex,
};
