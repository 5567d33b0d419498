namespace Callgate.Gateway.Approvals;

/// <summary>One approval in the book, and who waits for it. Used under the lock of its book.</summary>
internal sealed class ApprovalEntry(Approval approval)
{
    private TaskCompletionSource changing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Approval Approval { get; set; } = approval;

    public bool IsTaken { get; set; }

    /// <summary>People see it once the store keeps it: what they answer must not be overtaken by the asking.</summary>
    public bool IsStored { get; set; }

    public bool CanBeTaken => Approval.State == ApprovalState.Approved && !IsTaken;

    public Task Changing => changing.Task;

    public void Wake()
    {
        var done = changing;
        changing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.TrySetResult();
    }
}

/// <summary>An approval that one call has taken: given back when it is disposed of, unless the call's record has spent it.</summary>
public sealed class ApprovalTicket(ApprovalBook book, Approval approval) : IDisposable
{
    private bool isSettled;

    public string Id => approval.Id;

    /// <summary>The journal has the execution under this record.</summary>
    public void Spend(string record)
    {
        isSettled = true;
        book.Spend(approval, record);
    }

    public void Dispose()
    {
        if (!isSettled)
        {
            isSettled = true;
            book.GiveBack(approval);
        }
    }
}
